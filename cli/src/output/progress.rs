//! Progress of what takes long, drawn on a real terminal only.

use daymark_client::sync::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often a line without a known end moves.
const TICK: Duration = Duration::from_millis(100);

/// A bar over the bytes of a file; hidden when nobody watches or the length is not known.
pub(crate) fn reading_bar(shown: bool, bytes: Option<u64>) -> ProgressBar {
    let (true, Some(bytes)) = (shown, bytes) else {
        return ProgressBar::hidden();
    };
    let bar = ProgressBar::new(bytes);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent}%") {
        bar.set_style(style);
    }
    bar.set_message("Importing");
    bar
}

/// A line that says how far a sync has come; hidden when nobody watches.
pub(crate) fn sync_line(shown: bool) -> ProgressBar {
    if !shown {
        return ProgressBar::hidden();
    }
    let line = ProgressBar::new_spinner();
    line.enable_steady_tick(TICK);
    line.set_message("Syncing");
    line
}

/// What the line says now.
pub(crate) fn tell(line: &ProgressBar, progress: Progress) {
    match progress {
        Progress::Sent(0) | Progress::Received(0) => {}
        Progress::Sent(sent) => line.set_message(format!("Syncing: {sent} sent")),
        Progress::Received(received) => line.set_message(format!("Syncing: {received} received")),
        Progress::Merged { done, of } => line.set_message(format!("Reading: {done} of {of}")),
    }
}
