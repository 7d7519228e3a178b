//! The `daymark` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(unix)]
    no_core_dumps();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(daymark::run(std::env::args_os()));
            // A thread may still wait for a line that nobody types.
            runtime.shutdown_background();
            exit.into()
        }
        Err(_) => daymark::Exit::Failed.into(),
    }
}

/// Memory holds what people write: neither this program's nor its editor's is ever dumped to a disk (threat I1).
#[cfg(unix)]
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // A system that does not let go of this right keeps its own.
    let _ = setrlimit(Resource::Core, none);
}
