//! Settings from flags, environment, file, defaults, in this order.

use super::Place;
use crate::settings::Registration;
use serde::Deserialize;
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// What stands in a settings file. An unknown key is an error: a misspelt one would be a surprise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    data: Option<PathBuf>,
    pub(super) listen: Option<SocketAddr>,
    pub(super) registration: Option<Registration>,
    /// MiB that one account may keep.
    pub(super) quota: Option<u32>,
    pub(super) log: Option<String>,
}

/// Settings that cannot be used.
#[derive(Debug, Error)]
pub(super) enum SettingsError {
    #[error("cannot read the settings file {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("the settings file {path} is not right: {source}")]
    Parse {
        path: PathBuf,
        source: toml::de::Error,
    },
    #[error(
        "which data folder? Say --data DIR, or set DAYMARK_RELAY_DATA, or `data` in the settings file"
    )]
    NoData,
    #[error("the log level `{0}` is none of error, warn, info, debug, trace")]
    Level(String),
}

impl Place {
    /// The settings file, if one is named, and the data folder.
    pub(super) fn read(self) -> Result<(PathBuf, File), SettingsError> {
        let mut file = match &self.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        let data = self.data.or_else(|| file.data.take());
        Ok((data.ok_or(SettingsError::NoData)?, file))
    }
}

fn read(path: &Path) -> Result<File, SettingsError> {
    let text = fs::read_to_string(path).map_err(|source| SettingsError::Read {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| SettingsError::Parse {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_goes_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("relay.toml");
        fs::write(&config, "data = \"/from/file\"\nregistration = \"open\"\n").unwrap();
        let place = |data: Option<&str>| Place {
            data: data.map(PathBuf::from),
            config: Some(config.clone()),
        };
        let (data, file) = place(None).read().unwrap();
        assert_eq!(data, Path::new("/from/file"));
        assert_eq!(file.registration, Some(Registration::Open));
        let (data, _) = place(Some("/from/flag")).read().unwrap();
        assert_eq!(data, Path::new("/from/flag"));
    }

    #[test]
    fn a_misspelt_key_is_an_error() {
        assert!(toml::from_str::<File>("regisration = \"open\"").is_err());
    }
}
