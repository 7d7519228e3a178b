//! The reference in `docs/CLI.md`, written from the help texts themselves.

use crate::args::Cli;
use clap::{Command, CommandFactory};

/// Width of a help text there.
const WIDTH: usize = 100;

/// Where the options begin that every command has. They stand in the reference once.
const FOR_EVERY_COMMAND: &str = "\nFor every command:\n";

/// The whole reference, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# The `daymark` command\n\n\
         Written from the command's own help by a test: do not edit. `DAYMARK_WRITE_DOCS=1 cargo test -p \
         daymark reference` writes it anew.\n",
    );
    let mut root = Cli::command().term_width(WIDTH);
    root.build();
    add(&mut text, &mut root, "daymark");
    text.push_str(EXIT_CODES);
    text
}

fn add(text: &mut String, command: &mut Command, name: &str) {
    let help = command.render_long_help().to_string();
    let is_root = !name.contains(' ');
    let help = help
        .split_once(FOR_EVERY_COMMAND)
        .filter(|_| !is_root)
        .map_or(help.as_str(), |(of_this, _)| of_this);
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    text.push_str(&format!(
        "\n## {name}\n\n```text\n{}\n```\n",
        lines.join("\n").trim_end()
    ));
    let shown = command
        .get_subcommands_mut()
        .filter(|inner| !inner.is_hide_set());
    for inner in shown {
        let name = format!("{name} {}", inner.get_name());
        add(text, inner, &name);
    }
}

const EXIT_CODES: &str = "
## Exit codes

| code | meaning |
| --- | --- |
| 0 | done |
| 1 | failed, for a reason without a code of its own; also where a person was asked, and did not say yes |
| 2 | wrong usage: something was given that cannot be used |
| 3 | partly done: what was not is named |
| 4 | no such entry or person, or several |
| 10 | no vault |
| 11 | busy (another sync, a migration), or locked and nobody to ask for the passphrase |
| 12 | wrong passphrase |
| 13 | the relay cannot be reached, or does not answer; work is kept. What shares, replies or takes back ends with 0: it goes with the next sync |
| 14 | refused by the relay |
| 15 | made by a newer version |
| 16 | damaged |
| 20 | something is wrong with what the relay showed (withheld, forked, rolled back), or a number that two people compare is another one |
| 130 | interrupted |

## JSON

With `--json` every line on standard output is one object, and an error is `{\"error\":{\"code\",\"message\",\"hint\"}}` on
standard error. [`cli-json.schema.json`](cli-json.schema.json) has every field.
";
