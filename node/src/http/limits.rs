//! Every size, count and time that a request may take, with the sum behind it.

use std::time::Duration;

use sanwu_schema::kinds::BODY_BYTES_MAX;
use sanwu_schema::record::dsse::ENTRY_BYTES_MAX;

use crate::log::PACKAGE_ENTRIES_MAX;

/// One attachment: a scanned contract of 40 pages at 200 dpi has some 10 MB.
pub const ATTACHMENT_BYTES_MAX: usize = 20 << 20;

/// Attachments of one package: each of 64 entries one, or some entries a few.
pub const ATTACHMENTS_MAX: usize = 64;

/// Parts of one submission: an envelope and a body per entry, and the attachments.
pub const PARTS_MAX: usize = 2 * PACKAGE_ENTRIES_MAX + ATTACHMENTS_MAX;

/// One submission: three full attachments beside a month's books. A larger amount takes two packages.
pub const UPLOAD_BYTES_MAX: usize = 64 << 20;

/// All submissions being read at the same time: four of the largest, thousands of the usual 10 KB.
pub const UPLOADS_BYTES_MAX: usize = 256 << 20;

/// The part of each submission that comes out of a pool of its own: a month's books without attachments. A few large
/// ones that never end keep no small one out.
pub const SMALL_UPLOAD_BYTES_MAX: usize = 1 << 20;

/// The size of that pool: sixty-four at the same time, thousands of the usual 10 KB.
pub const SMALL_UPLOADS_BYTES_MAX: usize = 64 << 20;

/// Memory for submissions is reserved in steps of this size.
pub const UPLOAD_GRAIN_BYTES: usize = 16 << 10;

/// The largest envelope.
pub const ENVELOPE_BYTES_MAX: usize = ENTRY_BYTES_MAX;

/// The largest body.
pub const STATEMENT_BODY_BYTES_MAX: usize = BODY_BYTES_MAX;

/// The body of any other request; none needs one.
pub const OTHER_BYTES_MAX: usize = 64 << 10;

/// Reading and answering a submission: 64 MiB over a 5 Mbit/s line are 107 s.
pub const UPLOAD_TIME_MAX: Duration = Duration::from_secs(150);

/// How long a submission may send nothing at all before it is dropped: a village's line fails for seconds.
pub const UPLOAD_SILENCE_MAX: Duration = Duration::from_secs(15);

/// How long a submission that waits for witnesses does: the longest wait of the publish rule (20 s) and some rounds.
pub const WITNESSED_TIME_MAX: Duration = Duration::from_secs(30);

/// Answering a read: a bundle takes milliseconds; a slow disk some seconds.
pub const READ_TIME_MAX: Duration = Duration::from_secs(30);

/// From the signal to the end: requests under way are answered, idle connections are closed.
pub const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(20);

/// An answer that is not counted: as many as there are connections (8,192) make 512 MiB at the very worst.
pub const SMALL_ANSWER_BYTES_MAX: usize = 64 << 10;

/// Larger answers held at the same time, cached ones included: twelve of the largest attachments, a thousand usual
/// entry bundles.
pub const LARGE_ANSWERS_BYTES_MAX: usize = 256 << 20;

/// Reads at the same time whose size is not known yet: 20 MiB each at most.
pub const LARGE_READS_MAX: usize = 8;

/// Tiles and entry bundles cached as bytes: the newest 16,000 statements of 4 KB, and all hash tiles above.
pub const READY_TILES_BYTES_MAX: usize = 64 << 20;

/// Rows of a listing if the client does not ask for fewer.
pub const ROWS_DEFAULT: usize = 100;

/// Rows of a listing at most: 200 entries of 16 signers make 300 KB of JSON.
pub const ROWS_MAX: usize = 200;

/// How long an answer that never changes (a tile, a blob) may be cached: a week, as other logs have it.
pub const CACHE_IMMUTABLE: &str = "public, max-age=604800, immutable";

/// A checkpoint is not cached: a monitor wants the newest.
pub const CACHE_NONE: &str = "no-cache";
