//! An engine that a test can let die, without harm to the real one behind it.

use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::anyhow;

/// Stands between the program and the engine, so that the engine can go away without harm to anybody else.
#[derive(Debug, Default)]
pub struct EngineThatCanDie {
    dead: AtomicBool,
    open: Mutex<Vec<UnixStream>>,
}

impl EngineThatCanDie {
    /// Listens on a socket that stands for the engine's own.
    ///
    /// # Errors
    /// Where the socket cannot be made.
    pub fn behind(socket: &Path) -> anyhow::Result<Arc<Self>> {
        let listener = UnixListener::bind(socket)?;
        let engine = Arc::new(Self::default());
        let server = Arc::clone(&engine);
        std::thread::spawn(move || -> anyhow::Result<()> {
            for client in listener.incoming() {
                server.connect(client?)?;
            }
            Ok(())
        });
        Ok(engine)
    }

    fn connect(&self, client: UnixStream) -> anyhow::Result<()> {
        let mut open = self.open.lock().map_err(|_| anyhow!("a thread panicked"))?;
        if self.dead.load(Ordering::SeqCst) {
            return Ok(());
        }
        let engine = UnixStream::connect("/var/run/docker.sock")?;
        open.extend([client.try_clone()?, engine.try_clone()?]);
        for (mut from, mut to) in [(client.try_clone()?, engine.try_clone()?), (engine, client)] {
            std::thread::spawn(move || {
                let copied = std::io::copy(&mut from, &mut to);
                to.shutdown(Shutdown::Write).ok();
                copied.ok()
            });
        }
        Ok(())
    }

    /// From now on no connection works, neither a new one nor one that is open.
    ///
    /// # Errors
    /// Where a thread of it panicked.
    pub fn die(&self) -> anyhow::Result<()> {
        let mut open = self.open.lock().map_err(|_| anyhow!("a thread panicked"))?;
        self.dead.store(true, Ordering::SeqCst);
        for stream in open.drain(..) {
            // A stream that its other end has closed is as dead as it should be.
            stream.shutdown(Shutdown::Both).ok();
        }
        Ok(())
    }
}
