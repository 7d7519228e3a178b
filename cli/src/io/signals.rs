//! Signals of the operating system that wish a command's end.

use super::Stopper;

/// Passes on signals, for as long as the program runs.
#[cfg(unix)]
pub(crate) async fn listen(stopper: Stopper) {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::quit(),
    ];
    let [
        Ok(mut interrupt),
        Ok(mut terminate),
        Ok(mut hangup),
        Ok(mut quit),
    ] = kinds.map(signal)
    else {
        // Without handlers a signal ends the program by itself.
        return;
    };
    loop {
        tokio::select! {
            Some(()) = interrupt.recv() => stopper.interrupt(),
            Some(()) = terminate.recv() => stopper.stop(),
            Some(()) = hangup.recv() => stopper.stop(),
            Some(()) = quit.recv() => stopper.stop(),
            else => return,
        }
    }
}

/// Passes on signals, for as long as the program runs.
#[cfg(not(unix))]
pub(crate) async fn listen(stopper: Stopper) {
    while tokio::signal::ctrl_c().await.is_ok() {
        stopper.interrupt();
    }
}
