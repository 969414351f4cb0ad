//! Draft files: built, checked, written, read, and who still has to sign.

use std::path::Path;

use sanwu_schema::catalogue::Audience;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::draft::{self, Draft, Missing, Place, Template};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Control;
use sanwu_schema::validity::ChainFacts;

use crate::drafting::admit::admit;
use crate::drafting::args::DraftArgs;
use crate::drafting::context::DraftContext;
use crate::drafting::given::{issued_at, preferred};
use crate::error::Error;
use crate::files;
use crate::text::{Text, text};
use crate::ui::Ui;

/// Builds the draft, checks it as the server will, and writes its file.
pub fn write(
    ui: &Ui,
    args: &DraftArgs,
    source: &DraftContext,
    place: &Place,
    title: &str,
    templates: &[Template],
) -> Result<Draft, Error> {
    if let Some(facts) = &place.facts {
        templates.iter().try_for_each(|t| fits_catalogue(t, facts))?;
    }
    let mut prefer = preferred(args)?;
    // Not for control entries: naming just its own key is how a key asks to end itself.
    if prefer.is_empty() && templates.iter().all(|t| t.issuer.is_some()) {
        prefer = source.last_signers()?;
    }
    let draft = draft::build(place, title, templates, &issued_at(args)?, &prefer)?;
    admit(&draft, place.facts.as_ref(), source)?;
    save(&args.out, &draft, args.force)?;
    told(ui, &args.out, &draft, |keyid| source.person(keyid))?;
    tell_others(ui, &draft, source)?;
    Ok(draft)
}

/// Tells who else holds an office that is to sign: the clerk may have meant the other one.
fn tell_others(ui: &Ui, draft: &Draft, source: &DraftContext) -> Result<(), Error> {
    let Some(facts) = &source.info.facts else { return Ok(()) };
    let asked = missing(draft)?;
    for role in asked.iter().flat_map(|m| &m.roles) {
        let others =
            facts.ring.keys.iter().filter(|k| k.roles.contains(role) && !asked.iter().any(|m| m.keyid == k.keyid));
        for other in others {
            let who = source.person(&other.keyid);
            ui.say(&Text {
                zh: format!("  {}还有 {who}, 要由他签就加 --signer", role.zh()),
                en: format!("  {}: {who} could sign instead, see --signer", role.en()),
            });
        }
    }
    Ok(())
}

/// Returns who still has to sign, in the order of the offices.
pub fn missing(draft: &Draft) -> Result<Vec<Missing>, Error> {
    let mut missing = draft.missing()?;
    missing.sort_by(|a, b| (&a.roles, a.keyid).cmp(&(&b.roles, b.keyid)));
    Ok(missing)
}

/// Whether the item is one that is published here, and the period has the form it asks for.
fn fits_catalogue(template: &Template, facts: &ChainFacts) -> Result<(), Error> {
    let kind = match &template.control {
        Some(Control::Correction(c)) => c.of,
        Some(_) => return Ok(()),
        None => template.kind,
    };
    let Some(item) = facts.catalogue.governing(kind, template.code.as_ref()) else {
        return Err(Error::new(ErrorCode::Item).at(template.code.as_ref().map_or(kind.as_str(), |c| c.as_str())));
    };
    if item.audience != Audience::Public {
        return Err(Error::new(ErrorCode::Audience).at(item.code.as_str()));
    }
    if item.takes_period(kind, template.period.as_ref()) {
        return Ok(());
    }
    let (zh, en) = (item.frequency.zh(), item.frequency.en());
    Err(Error::new(ErrorCode::Period).at(item.code.as_str()).remedy(Text {
        zh: format!(
            "这个事项{zh}公开; 每月写 2026-03, 每季度写 2026-Q1, 每半年写 2026-H1, 每年写 2026, 随时和长期的不写期间"
        ),
        en: format!(
            "this item is due {en}: write 2026-03, 2026-Q1, 2026-H1 or 2026; leave it out where it has no period"
        ),
    }))
}

/// Reads a draft file.
pub fn read(path: &Path) -> Result<Draft, Error> {
    Draft::parse(&files::read(path)?).map_err(|e| Error::from(e).within(&path.display().to_string()))
}

/// Writes a new draft file; an existing one may hold signatures and stays.
pub fn save(path: &Path, draft: &Draft, force: bool) -> Result<(), Error> {
    if path.exists() && !force {
        return Err(Error::new(ErrorCode::FileExists)
            .at(path.display().to_string())
            .remedy(text!("换一个文件名, 或加 --force 覆盖", "choose another name, or add --force")));
    }
    files::write(path, &draft.to_bytes())
}

/// Tells what was drafted and who has to sign.
pub fn told(ui: &Ui, path: &Path, draft: &Draft, person: impl Fn(&KeyId) -> String) -> Result<(), Error> {
    let file = path.display();
    ui.print_text(&text!("✔ 草稿写好了  {file}", "✔ draft written  {file}"));
    for missing in missing(draft)? {
        let who = person(&missing.keyid);
        let roles =
            |lang| missing.roles.iter().map(|r| if lang { r.zh() } else { r.en() }).collect::<Vec<_>>().join("、");
        ui.print_text(&Text {
            zh: format!("  要签名  {who}  {}", roles(true)),
            en: format!("  to sign  {who}  {}", roles(false)),
        });
    }
    ui.say(&text!("下一步:  sanwu sign {file} --key 钥匙文件", "next:  sanwu sign {file} --key KEYFILE"));
    Ok(())
}
