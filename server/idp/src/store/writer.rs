//! The one writer of a SQLite database.
//!
//! A commit costs a flush to disk, whatever it holds. So the writer takes all jobs that wait into one immediate transaction,
//! each in a savepoint of its own, commits once, and answers them all. A job alone needs no savepoint. A job that fails or
//! panics takes its own savepoint with it and nobody else's.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use super::Job;
use crate::error::Error;

/// Jobs that may wait; whoever comes then waits to be let in.
const QUEUE: usize = 1_024;
/// Jobs in one transaction.
const GROUP: usize = 128;

/// A job with its result erased: it keeps the value until the commit is known.
trait Pending: Send {
    /// Runs the job; false: its writes must not be kept.
    fn run<'a>(&'a mut self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, bool>;
    /// Answers whoever waits.
    fn answer(self: Box<Self>);
}

struct Waiting<T, F> {
    job: Option<F>,
    result: Result<T, Error>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Pending for Waiting<T, F>
where
    T: Send,
    F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T> + Send,
{
    fn run<'a>(&'a mut self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            if let Some(job) = self.job.take() {
                let result = AssertUnwindSafe(async { job(tx).await }).catch_unwind().await;
                self.result = result.unwrap_or_else(|_| Err(Error::internal("a write panicked")));
            }
            self.result.is_ok()
        })
    }

    fn answer(self: Box<Self>) {
        // Whoever asked may have gone; what was committed stays.
        let _ = self.reply.send(self.result);
    }
}

enum Message {
    Write(Box<dyn Pending>),
    Stop(oneshot::Sender<()>),
}

/// The way to the writer.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    connection: DatabaseConnection,
}

impl Writer {
    /// Starts the writer on its connection: a pool of one, which makes a new connection of a broken one.
    pub(super) fn start(connection: DatabaseConnection) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(serve(connection.clone(), receiver));
        Self { queue, connection }
    }

    /// The connection, for whoever must write past the queue. Both wait for each other.
    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Has `job` run in the next group. No answer means that the group was not committed, or that nobody knows.
    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a DatabaseTransaction) -> Job<'a, T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let waiting = Box::new(Waiting { job: Some(job), result: Err(Error::Unavailable), reply });
        self.queue.send(Message::Write(waiting)).await.map_err(|_| Error::Unavailable)?;
        answer.await.map_err(|_| Error::Unavailable)?
    }

    /// Lets the jobs that wait finish, then closes the connection.
    pub(super) async fn stop(&self) {
        let (reply, stopped) = oneshot::channel();
        if self.queue.send(Message::Stop(reply)).await.is_ok() {
            let _ = stopped.await;
        }
    }
}

async fn serve(connection: DatabaseConnection, mut queue: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut messages, GROUP).await > 0 {
        let mut jobs = Vec::with_capacity(messages.len());
        let mut stop = None;
        for message in messages.drain(..) {
            match message {
                Message::Write(job) => jobs.push(job),
                Message::Stop(reply) => stop = Some(reply),
            }
        }
        match write_all(&connection, &mut jobs).await {
            Ok(()) => jobs.into_iter().for_each(|job| job.answer()),
            Err(error) => tracing::error!(%error, jobs = jobs.len(), "a group of writes was not committed"),
        }
        if let Some(reply) = stop {
            let _ = connection.close().await;
            let _ = reply.send(());
            return;
        }
    }
}

/// Runs the jobs in one transaction. When that fails, even a job that failed by itself has no answer: the reason it saw may be
/// what a neighbour wrote and lost.
async fn write_all(connection: &DatabaseConnection, jobs: &mut [Box<dyn Pending>]) -> Result<(), DbErr> {
    if jobs.is_empty() {
        return Ok(());
    }
    let immediate =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let tx = connection.begin_with_options(immediate).await?;
    if let [job] = jobs {
        return if job.run(&tx).await { tx.commit().await } else { tx.rollback().await };
    }
    for job in jobs {
        let savepoint = tx.begin().await?;
        if job.run(&savepoint).await {
            savepoint.commit().await?;
        } else {
            savepoint.rollback().await?;
        }
    }
    tx.commit().await
}
