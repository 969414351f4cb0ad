//! Unit tests of the record, its evidence and the list.
