//! The `daymark` command.

use std::process::ExitCode;

fn main() -> ExitCode {
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
