//! Doing things at the same moment.

use std::sync::Barrier;
use std::thread;

/// Has each of `all` act on a thread of its own, none before the others are
/// ready; what came of it, in their order.
pub fn at_once<A: Sync, T: Send>(all: &[A], act: impl Fn(usize, &A) -> T + Sync) -> Vec<T> {
    let ready = Barrier::new(all.len());
    thread::scope(|scope| {
        let acting: Vec<_> = all
            .iter()
            .enumerate()
            .map(|(n, one)| {
                let (ready, act) = (&ready, &act);
                scope.spawn(move || {
                    ready.wait();
                    act(n, one)
                })
            })
            .collect();
        acting.into_iter().map(|acting| acting.join().unwrap()).collect()
    })
}
