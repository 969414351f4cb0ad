//! The demonstration: a throw-away test log with one village, five months of its books, and a key for every
//! office, published over the node's own HTTP like anybody else's.
//!
//! The village is `sanwu_schema::sample`; what it says and when is in `data/*.toml`. All of it is made up.

mod data;
mod events;
mod keys;
mod post;

use std::path::{Path, PathBuf};

use sanwu_schema::draft::{Draft, Place, Template};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::{Body, Control, GrantBody, KeyGrant, Kind, LogGenesisBody, PersonName};
use sanwu_schema::record::statement::{ChainId, Role};
use sanwu_schema::sample;

use crate::commands::error::CommandError;
use crate::commands::init::{InitArgs, init};
use crate::durable::Access;
use crate::settings::{self, Data};
use crate::storage::AppendPolicy;
use crate::web::Site;
use data::{DemoData, broken};
use keys::{DemoKey, KeyFiles};
use post::Poster;

/// The paths of a demonstration's files.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// Returns the node's data directory.
    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// Returns the encrypted key files, each with its public key text beside it.
    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Returns the one passphrase of them all.
    pub(crate) fn passphrase(&self) -> PathBuf {
        self.root.join("passphrase.txt")
    }

    /// Returns the trust file.
    pub(crate) fn trust(&self) -> PathBuf {
        self.root.join("trust.json")
    }

    /// Returns whether a demonstration was made here before: the trust file is written last.
    pub(crate) fn is_complete(&self) -> bool {
        self.trust().is_file()
    }
}

/// A log that has been made and waits for its first entries.
pub(crate) struct Demo {
    data: DemoData,
    keys: Vec<DemoKey>,
    files: KeyFiles,
    genesis: Draft,
    folder: Folder,
}

impl Demo {
    /// Makes keys and log.
    ///
    /// The key files are written meanwhile: deriving a key from a passphrase takes time by design.
    pub(crate) fn make(folder: &Folder) -> Result<Self, CommandError> {
        let data = DemoData::read()?;
        let keys = keys::new(&data.village.late)?;
        let roots = keys.iter().filter(|k| k.role() == Role::Root);
        init(&InitArgs {
            data: folder.log(),
            origin: data.village.origin.clone(),
            roots: roots.map(DemoKey::vkey_text).collect::<Result<_, _>>()?,
            threshold: data.village.threshold,
            purpose: "test".into(),
            admission: AppendPolicy::Statements,
            operator: data.village.operator.clone(),
        })?;
        let genesis = genesis(&data, &keys, &Data::at(&folder.log()))?;
        let files = keys::write_files(folder, &keys)?;
        Ok(Self { data, keys, files, genesis, folder: folder.clone() })
    }

    /// Publishes everything at `base` (`http://127.0.0.1:8420`), and writes the trust file.
    pub(crate) fn publish(self, base: &str) -> Result<u64, CommandError> {
        let mut poster = Poster::new(base, &self.keys);
        poster.publish(self.genesis.clone())?;
        for key in self.keys.iter().filter(|k| k.role() == Role::Authority) {
            self.grant(&mut poster, ChainId::root(), key, None, &self.data.village.log_opened_at)?;
        }
        let chain = ChainId::parse(sample::UNIT).ok_or_else(|| data::internal("chain"))?;
        self.open_chain(&mut poster, &chain)?;
        for key in &self.keys {
            if let Some(late) = &key.late {
                self.grant(&mut poster, chain.clone(), key, Some(&late.reason), &late.granted_at)?;
            }
        }
        events::publish(&self.data, &mut poster, &chain)?;
        let size = poster.wait_until_published()?;
        self.files.finish()?;
        let trust = poster.get("/api/v1/trust")?;
        keys::write(&self.folder.trust(), &trust, Access::Public)?;
        Ok(size)
    }

    /// Registers a key that signs its own registration, too.
    fn grant(
        &self,
        poster: &mut Poster<'_>,
        chain: ChainId,
        key: &DemoKey,
        reason: Option<&str>,
        at: &str,
    ) -> Result<(), CommandError> {
        let (name, office) = (key.office.name, key.office.title);
        let body = GrantBody {
            salt: data::salt()?,
            title: format!("登记{office}{name}的钥匙"),
            name: name.into(),
            office: office.into(),
            reason: reason.map(Into::into),
        };
        let mut template = Template::new(Kind::Grant, Body::Grant(body));
        template.control = Some(Control::Grant(key.grant(&chain)?));
        let place = Place::next(&poster.info(&chain)?).map_err(broken)?;
        poster.draft_and_publish(&place, &[template], at)?;
        Ok(())
    }

    fn open_chain(&self, poster: &mut Poster<'_>, chain: &ChainId) -> Result<(), CommandError> {
        let village = &self.data.village.village;
        let members: Vec<&DemoKey> = self.keys.iter().filter(|k| k.role() != Role::Root && k.late.is_none()).collect();
        let root = poster.info(&ChainId::root())?;
        let catalogue = root.facts.as_ref().map(|f| f.catalogue.digest());
        let catalogue = catalogue.ok_or_else(|| CommandError::new(ErrorCode::Internal, "catalogue"))?;
        let grants: Vec<KeyGrant> = members.iter().map(|k| k.grant(chain)).collect::<Result<_, _>>()?;
        let mut template = sample::genesis(data::salt()?, catalogue, grants, people(&members));
        if let Body::ChainGenesis(body) = &mut template.body {
            body.contact = Some(village.contact.clone());
            body.text = Some(village.text.clone());
        }
        let place = Place::chain_genesis(&root, chain.clone()).map_err(broken)?;
        poster.draft_and_publish(&place, &[template], &village.opened_at)?;
        Ok(())
    }
}

/// Returns what the foot of the pages says.
pub(crate) fn site() -> Result<Site, CommandError> {
    Ok(DemoData::read()?.village.site)
}

/// The draft that `init` made, with the names and the day of the demonstration in it.
fn genesis(data: &DemoData, keys: &[DemoKey], log: &Data) -> Result<Draft, CommandError> {
    let path = log.genesis_draft();
    let bytes = std::fs::read(&path).map_err(|error| settings::io(&path, error))?;
    let made = Draft::parse(&bytes).map_err(broken)?;
    let entry = made.entries.first().ok_or_else(|| CommandError::new(ErrorCode::Internal, "genesis.draft"))?;
    let statement = entry.parse().map_err(broken)?;
    let Ok(Body::LogGenesis(body)) = Body::parse(statement.kind, entry.body.as_bytes()) else {
        return Err(CommandError::new(ErrorCode::Internal, "genesis.draft"));
    };
    let roots: Vec<&DemoKey> = keys.iter().filter(|k| k.role() == Role::Root).collect();
    let body = LogGenesisBody { title: "三务公开演示账本开立".into(), keys: people(&roots), ..body };
    let mut template = Template::new(Kind::LogGenesis, Body::LogGenesis(body));
    template.control = statement.control;
    let at = data::time(&data.village.log_opened_at)?;
    let place = Place::log_genesis(statement.origin);
    sanwu_schema::draft::build(&place, &made.title, &[template], &at, &[]).map_err(broken)
}

/// Names by key, in the order of keys.
fn people(keys: &[&DemoKey]) -> Vec<PersonName> {
    let mut people: Vec<PersonName> = keys.iter().map(|k| k.person_name()).collect();
    people.sort_by_key(|p| p.keyid);
    people
}
