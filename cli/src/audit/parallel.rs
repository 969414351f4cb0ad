//! Work on many items by a few threads, results in order.

use std::num::NonZeroUsize;
use std::thread;

use rayon::ThreadPoolBuilder;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

/// Returns the threads asked for, or one per processor.
pub fn jobs(asked: Option<NonZeroUsize>) -> usize {
    asked.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// Applies `f` to every item by `jobs` threads.
///
/// Each call has a pool of its own, so that `f` may wait for a network without holding up other work.
pub fn map<T: Send, R: Send>(jobs: usize, items: Vec<T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    let pool = ThreadPoolBuilder::new().num_threads(jobs.min(items.len())).build();
    match pool {
        Ok(pool) if jobs > 1 && items.len() > 1 => {
            // One item a task: some take much longer than others.
            pool.install(|| items.into_par_iter().with_max_len(1).map(f).collect())
        }
        _ => items.into_iter().map(f).collect(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_stay_in_order() {
        let twice = super::map(3, (0..1000).collect(), |n: u32| n * 2);
        assert!(twice.iter().copied().eq((0..1000).map(|n| n * 2)));
    }
}
