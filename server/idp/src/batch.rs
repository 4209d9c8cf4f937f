//! Work that costs less together. A trip to the database costs the same for one row as for many, so whoever comes while others are
//! on their way waits for the next trip and shares it. Nobody waits on purpose: a caller alone goes at once.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::error::Error;

/// Callers that may wait; whoever comes then waits to be let in.
const QUEUE: usize = 1_024;
/// Callers that share a trip.
const MOST: usize = 64;

/// The queue before one kind of work.
pub(crate) struct Batch<I, O> {
    queue: mpsc::Sender<(I, oneshot::Sender<O>)>,
}

impl<I: Send + 'static, O: Send + 'static> Batch<I, O> {
    /// Starts to serve callers until the last handle is gone: at most `at_once` trips are under way. `work` gives an output for
    /// each input, in their order.
    pub(crate) fn start<F, W>(at_once: usize, work: F) -> Self
    where
        F: Fn(Vec<I>) -> W + Send + Sync + 'static,
        W: Future<Output = Vec<O>> + Send + 'static,
    {
        let (queue, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(serve(receiver, Arc::new(Semaphore::new(at_once)), Arc::new(work)));
        Self { queue }
    }

    /// Has one input worked on.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the work did not come to an end.
    pub(crate) async fn ask(&self, input: I) -> Result<O, Error> {
        let (reply, answer) = oneshot::channel();
        self.queue.send((input, reply)).await.map_err(|_| Error::Unavailable)?;
        answer.await.map_err(|_| Error::Unavailable)
    }
}

async fn serve<I, O, F, W>(mut queue: mpsc::Receiver<(I, oneshot::Sender<O>)>, places: Arc<Semaphore>, work: Arc<F>)
where
    I: Send + 'static,
    O: Send + 'static,
    F: Fn(Vec<I>) -> W + Send + Sync + 'static,
    W: Future<Output = Vec<O>> + Send + 'static,
{
    while let Ok(place) = places.clone().acquire_owned().await {
        let mut waiting = Vec::new();
        if queue.recv_many(&mut waiting, MOST).await == 0 {
            return;
        }
        let work = work.clone();
        tokio::spawn(async move {
            let (inputs, replies): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
            let outputs = work(inputs).await;
            // The next trip may begin before everybody of this one has been told.
            drop(place);
            for (reply, output) in replies.into_iter().zip(outputs) {
                // Whoever asked may have gone.
                let _ = reply.send(output);
            }
        });
    }
}

/// The largest power of two that is not more than `rows`: of statements with so many rows each there are few, and they stay
/// prepared.
pub(crate) fn chunk(rows: usize) -> usize {
    rows.checked_ilog2().map_or(0, |log| 1 << log)
}

impl<I, O> fmt::Debug for Batch<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batch(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn callers_share_a_trip_and_each_gets_its_own_answer() {
        let trips = Arc::new(AtomicUsize::new(0));
        let counted = trips.clone();
        let batch = Batch::start(1, move |inputs: Vec<usize>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                inputs.into_iter().map(|input| input * 2).collect()
            }
        });
        let answers = join_all((0..200).map(|input| batch.ask(input))).await;
        assert!(answers.into_iter().enumerate().all(|(input, answer)| answer.unwrap() == input * 2));
        assert!(trips.load(Ordering::Relaxed) <= 8, "{trips:?}");
    }

    #[tokio::test]
    async fn work_that_panics_leaves_the_next_one_alone() {
        let batch = Batch::start(1, |inputs: Vec<bool>| async move {
            assert!(!inputs.contains(&true), "told to");
            inputs
        });
        assert!(matches!(batch.ask(true).await, Err(Error::Unavailable)));
        assert!(!batch.ask(false).await.unwrap());
    }

    #[test]
    fn chunks_are_powers_of_two() {
        assert_eq!([0, 1, 2, 3, 37, 64].map(chunk), [0, 1, 2, 2, 32, 64]);
    }
}
