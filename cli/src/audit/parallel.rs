//! Work on many items by a few threads, results in order.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::thread;

/// The threads asked for, or one per processor.
pub fn jobs(asked: Option<NonZeroUsize>) -> usize {
    asked.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// Applies `f` to every item by `jobs` threads.
pub fn map<T: Send, R: Send>(jobs: usize, items: Vec<T>, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    if jobs <= 1 || items.len() <= 1 {
        return items.into_iter().map(f).collect();
    }
    let workers = jobs.min(items.len());
    let waiting = Mutex::new(items.into_iter().enumerate());
    let take = || match waiting.lock() {
        Ok(mut waiting) => waiting.next(),
        // A worker has panicked; the scope will tell.
        Err(_) => None,
    };
    let work = || {
        let mut done = Vec::new();
        while let Some((at, item)) = take() {
            done.push((at, f(item)));
        }
        done
    };
    let mut all = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_stay_in_order() {
        let twice = super::map(3, (0..1000).collect(), |n: u32| n * 2);
        assert!(twice.iter().copied().eq((0..1000).map(|n| n * 2)));
    }
}
