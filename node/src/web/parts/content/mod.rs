//! A body, laid out for reading: facts, paragraphs and tables.
//!
//! What is shown and in which order is decided here, for kinds that read better in an arrangement of their own; every
//! other kind is shown by its labels as its record is declared. The labels are those of `sanwu_schema`; what it all looks
//! like is in `content.html`.

mod labels;
pub mod section;
#[cfg(test)]
mod tests;
mod words;

use sanwu_schema::catalogue::Profile;
use sanwu_schema::catalogue::account::account_of;
use sanwu_schema::kinds::{
    AccountBalance, Body, CashAccount, CashFlow, CashLine, CashStatement, CashTotals, ChainGenesis, ChainGenesisBody,
    Change, Contract, Control, Correction, Decision, FlowLine, GrantBody, KeyGrant, Kind, LogGenesisBody, MonthBook,
    Notice, PersonName, Side, Step, Voucher,
};

use super::format::{day, money, yuan};
use super::people::role_words;
use super::visitor::Lang;
use crate::views::ChainView;
use labels::{by_labels, label};
use section::{Cell, Section, TableView, table, text_table};
use words::Words;

/// Lays out bodies. `control` is that of the statement whose body it is.
pub struct Layout<'a> {
    pub lang: Lang,
    pub chain: &'a ChainView,
    pub control: Option<&'a Control>,
}

impl Layout<'_> {
    fn t(&self) -> &'static Words {
        Words::of(self.lang)
    }

    fn side(&self, side: Side) -> &'static str {
        self.lang.pick(side.zh(), side.en())
    }

    /// Returns the parts of a body, in the order in which they are shown.
    pub fn sections(&self, body: &Body) -> Vec<Section> {
        match body {
            Body::MonthBook(b) => self.month_book(b),
            Body::Receipts(b) => vec![self.flow(b, label!(self, CashTotals, "receipts_fen"))],
            Body::Payments(b) => vec![self.flow(b, label!(self, CashTotals, "payments_fen"))],
            Body::CashStatement(b) => self.cash_statement(b),
            Body::Decision(b) => self.decision(b),
            Body::Contract(b) => vec![self.contract(b)],
            Body::Notice(b) => self.notice(b),
            Body::NilReturn(b) => {
                let mut paragraphs = vec![self.t().nil.to_owned()];
                paragraphs.extend(b.text.clone());
                vec![Section { paragraphs, ..Section::default() }]
            }
            Body::Correction(b) => self.correction(b),
            Body::Grant(b) => self.grant(&b.name, &b.office, b.reason.as_deref()),
            Body::LogGenesis(b) => {
                let facts = vec![(label!(self, LogGenesisBody, "operator").to_owned(), Cell::text(&b.operator))];
                let paragraphs = b.text.clone().unwrap_or_default();
                vec![Section { facts, paragraphs, ..Section::default() }, self.keys(&b.keys)]
            }
            Body::ChainGenesis(b) => self.chain_genesis(b),
            _ => by_labels(self.lang, &body.fields()),
        }
    }

    fn in_yuan(&self, name: &str) -> String {
        format!("{name} {}", self.t().in_yuan)
    }

    /// Returns the number of a decision or contract, linked to the notice that published it.
    fn linked(&self, number: &str) -> Cell {
        let href = self.chain.by_number(number).map(|entry| format!("/r/{}", entry.index));
        Cell { href, ..Cell::keep(number) }
    }

    fn account(&self, code: &str, sub: Option<&str>) -> String {
        let name = account_of(code).map_or("", |a| self.lang.pick(a.zh, a.en));
        match sub {
            Some(sub) => format!("{code} {name} {sub}"),
            None => format!("{code} {name}"),
        }
    }

    fn flow(&self, b: &CashFlow, name: &str) -> Section {
        let t = self.t();
        let noted = b.lines.iter().any(|l| l.note.is_some());
        let mut columns = vec![
            (label!(self, FlowLine, "date"), false),
            (label!(self, FlowLine, "summary"), false),
            (label!(self, FlowLine, "fen"), true),
            (label!(self, FlowLine, "item"), false),
            (label!(self, FlowLine, "counterparty"), false),
            (t.rests_on, false),
            (label!(self, FlowLine, "no"), false),
        ];
        if noted {
            columns.push((label!(self, FlowLine, "note"), false));
        }
        let rows = b.lines.iter().map(|line| {
            let mut cells = vec![
                Cell::keep(day(self.lang, line.date.as_str())),
                Cell::text(&line.summary),
                Cell::fen(line.fen),
                Cell::text(&line.item),
                Cell::text(line.counterparty.clone().unwrap_or_default()),
                self.basis(line),
                Cell::keep(&line.no),
            ];
            if noted {
                cells.push(Cell::text(line.note.clone().unwrap_or_default()).tone(if line.note.is_some() {
                    "after"
                } else {
                    ""
                }));
            }
            cells
        });
        let mut table = table(self.in_yuan(name), &columns, rows);
        table.foot = Some((label!(self, CashFlow, "total_fen").to_owned(), vec![Cell::fen(b.total_fen)]));
        Section {
            sums: vec![(label!(self, CashFlow, "total_fen").to_owned(), yuan(b.total_fen))],
            table: Some(table),
            ..Section::default()
        }
    }

    fn basis(&self, line: &FlowLine) -> Cell {
        match (&line.decision, &line.contract, &line.project) {
            (Some(number), _, _) | (None, Some(number), _) => self.linked(number),
            (None, None, Some(project)) => Cell::text(project),
            (None, None, None) => Cell::default(),
        }
    }

    fn cash_statement(&self, b: &CashStatement) -> Vec<Section> {
        let t = self.t();
        let sums = vec![
            (label!(self, CashTotals, "opening_fen").to_owned(), yuan(b.total.opening_fen)),
            (label!(self, CashTotals, "receipts_fen").to_owned(), yuan(b.total.receipts_fen)),
            (label!(self, CashTotals, "payments_fen").to_owned(), yuan(b.total.payments_fen)),
            (label!(self, CashTotals, "closing_fen").to_owned(), yuan(b.total.closing_fen)),
        ];
        let columns = [
            (label!(self, CashAccount, "account"), false),
            (label!(self, CashAccount, "opening_fen"), true),
            (label!(self, CashAccount, "receipts_fen"), true),
            (label!(self, CashAccount, "payments_fen"), true),
            (label!(self, CashAccount, "transfers_in_fen"), true),
            (label!(self, CashAccount, "transfers_out_fen"), true),
            (label!(self, CashAccount, "closing_fen"), true),
        ];
        let rows = b.accounts.iter().map(|a| {
            vec![
                Cell::text(self.account(&a.account, a.sub.as_deref())),
                Cell::fen(a.opening_fen),
                Cell::fen(a.receipts_fen),
                Cell::fen(a.payments_fen),
                Cell::fen(a.transfers_in_fen),
                Cell::fen(a.transfers_out_fen),
                Cell::fen(a.closing_fen),
            ]
        });
        let table =
            table(self.in_yuan(self.lang.pick(Kind::CashStatement.zh(), Kind::CashStatement.en())), &columns, rows);
        vec![Section { sums, table: Some(table), paragraphs: vec![t.transfers_note.to_owned()], ..Section::default() }]
    }

    fn month_book(&self, b: &MonthBook) -> Vec<Section> {
        let t = self.t();
        let columns = [
            (label!(self, Voucher, "date"), false),
            (label!(self, Voucher, "no"), false),
            (label!(self, Voucher, "summary"), false),
            (label!(self, Voucher, "lines"), false),
            (label!(self, Voucher, "cash"), false),
            (t.rests_on, false),
        ];
        let rows = b.vouchers.iter().map(|v| {
            vec![
                Cell::keep(day(self.lang, v.date.as_str())),
                Cell::keep(&v.no),
                Cell::text(&v.summary),
                Cell::text(self.lines(v)),
                Cell::text(cash_word(self.lang, v.cash)),
                self.voucher_basis(v),
            ]
        });
        let vouchers = table(self.in_yuan(label!(self, MonthBook, "vouchers")), &columns, rows);
        let balances = self.balances(&b.opening, &b.closing);
        vec![
            Section { table: Some(vouchers), ..Section::default() },
            Section { table: Some(balances), ..Section::default() },
        ]
    }

    fn lines(&self, v: &Voucher) -> String {
        let lines = v
            .lines
            .iter()
            .map(|l| format!("{} {} {}", self.side(l.side), self.account(&l.account, l.sub.as_deref()), money(l.fen)));
        lines.collect::<Vec<_>>().join("; ")
    }

    fn voucher_basis(&self, v: &Voucher) -> Cell {
        let all: Vec<&String> =
            [&v.decision, &v.contract, &v.tender, &v.project, &v.asset, &v.corrects].into_iter().flatten().collect();
        match all.as_slice() {
            [one] => self.linked(one),
            [first, ..] => Cell {
                text: all.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" "),
                href: self.linked(first).href,
                ..Cell::default()
            },
            [] => Cell::default(),
        }
    }

    fn balances(&self, opening: &[AccountBalance], closing: &[AccountBalance]) -> TableView {
        let t = self.t();
        let mut accounts: Vec<(&str, Option<&str>)> =
            opening.iter().chain(closing).map(|b| (b.account.as_str(), b.sub.as_deref())).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let balance = |list: &[AccountBalance], of: (&str, Option<&str>)| {
            let found = list.iter().find(|b| (b.account.as_str(), b.sub.as_deref()) == of);
            let fen = found.map_or(0, |b| b.fen);
            let side = self.side(if fen < 0 { Side::Credit } else { Side::Debit });
            if fen == 0 { "0.00".to_owned() } else { format!("{side} {}", money(fen.saturating_abs())) }
        };
        let rows = accounts.iter().map(|of| {
            vec![
                Cell::text(self.account(of.0, of.1)),
                Cell::text(balance(opening, *of)),
                Cell::text(balance(closing, *of)),
            ]
        });
        let columns = [
            (label!(self, AccountBalance, "account"), false),
            (label!(self, MonthBook, "opening"), true),
            (label!(self, MonthBook, "closing"), true),
        ];
        table(self.in_yuan(t.balances), &columns, rows)
    }

    fn decision(&self, b: &Decision) -> Vec<Section> {
        let t = self.t();
        let mut facts = vec![
            (label!(self, Decision, "no").to_owned(), Cell::text(&b.no)),
            (label!(self, Decision, "basis").to_owned(), Cell::text(&b.basis)),
        ];
        if let Some(fen) = b.approved_fen {
            facts.push((label!(self, Decision, "approved_fen").to_owned(), Cell::text(yuan(fen))));
        }
        if let Some(from) = &b.published_on {
            let from = day(self.lang, from.as_str());
            let shown = match &b.published_until {
                Some(until) => format!("{from} {} {}", t.until, day(self.lang, until.as_str())),
                None => from,
            };
            facts.push((label!(self, Decision, "published_on").to_owned(), Cell::text(shown)));
        }
        if let Some(on) = &b.result_published_on {
            facts.push((
                label!(self, Decision, "result_published_on").to_owned(),
                Cell::text(day(self.lang, on.as_str())),
            ));
        }
        let columns = [
            (label!(self, Step, "step"), false),
            (label!(self, Step, "date"), false),
            (label!(self, Step, "body"), false),
            (label!(self, Step, "due"), true),
            (label!(self, Step, "present"), true),
            (label!(self, Step, "yes"), true),
        ];
        let rows = b.steps.iter().map(|s| {
            vec![
                Cell::text(self.lang.pick(s.step.zh(), s.step.en())),
                Cell::keep(day(self.lang, s.date.as_str())),
                Cell::text(self.lang.pick(s.body.zh(), s.body.en())),
                Cell::text(s.due.to_string()),
                Cell::text(s.present.to_string()),
                Cell::text(s.yes.to_string()),
            ]
        });
        let steps = table(self.lang.pick(Kind::Decision.zh(), Kind::Decision.en()).to_owned(), &columns, rows);
        vec![
            Section { facts, ..Section::default() },
            Section {
                heading: Some(label!(self, Decision, "resolution").to_owned()),
                paragraphs: b.resolution.clone(),
                ..Section::default()
            },
            Section { table: Some(steps), ..Section::default() },
        ]
    }

    fn contract(&self, b: &Contract) -> Section {
        let t = self.t();
        let term = format!("{} {} {}", day(self.lang, b.start.as_str()), t.until, day(self.lang, b.end.as_str()));
        let mut facts = vec![
            (label!(self, Contract, "no").to_owned(), Cell::text(&b.no)),
            (label!(self, Contract, "kind").to_owned(), Cell::text(self.lang.pick(b.kind.zh(), b.kind.en()))),
            (label!(self, Contract, "subject").to_owned(), Cell::text(&b.subject)),
            (label!(self, Contract, "counterparty").to_owned(), Cell::text(&b.counterparty)),
            (t.term.to_owned(), Cell::text(term)),
            (label!(self, Contract, "award_mode").to_owned(), Cell::text(&b.award_mode)),
        ];
        let optional = [
            (label!(self, Contract, "uscc"), b.uscc.as_ref().map(|u| Cell::text(u.as_str()))),
            (label!(self, Contract, "total_fen"), b.total_fen.map(|f| Cell::text(yuan(f)))),
            (label!(self, Contract, "annual_fen"), b.annual_fen.map(|f| Cell::text(yuan(f)))),
            (label!(self, Contract, "due"), b.due.as_ref().map(Cell::text)),
            (label!(self, Contract, "decision"), b.decision.as_deref().map(|n| self.linked(n))),
            (label!(self, Contract, "tender"), b.tender.as_ref().map(Cell::text)),
            (label!(self, Contract, "project"), b.project.as_ref().map(Cell::text)),
        ];
        facts.extend(optional.into_iter().filter_map(|(name, cell)| Some((name.to_owned(), cell?))));
        Section { facts, ..Section::default() }
    }

    fn notice(&self, b: &Notice) -> Vec<Section> {
        let shown = match (&b.display_start, &b.display_end) {
            (Some(start), Some(end)) => {
                let text =
                    format!("{} {} {}", day(self.lang, start.as_str()), self.t().until, day(self.lang, end.as_str()));
                vec![(self.t().on_display.to_owned(), Cell::text(text))]
            }
            _ => Vec::new(),
        };
        let table = b.table.as_ref().map(text_table);
        vec![
            Section { paragraphs: b.text.clone(), table, ..Section::default() },
            Section { facts: shown, ..Section::default() },
        ]
    }

    fn correction(&self, b: &Correction) -> Vec<Section> {
        let t = self.t();
        let columns = [
            (label!(self, Change, "place"), false),
            (label!(self, Change, "before"), false),
            (label!(self, Change, "after"), false),
        ];
        let rows = b.changes.iter().map(|c| {
            vec![Cell::text(&c.place), Cell::text(&c.before).tone("before"), Cell::text(&c.after).tone("after")]
        });
        let changes = table(label!(self, Correction, "changes").to_owned(), &columns, rows);
        let mut blocks = vec![
            Section {
                heading: Some(label!(self, Correction, "reason").to_owned()),
                paragraphs: vec![b.reason.clone()],
                ..Section::default()
            },
            Section { table: Some(changes), ..Section::default() },
        ];
        if let Some(Control::Correction(control)) = self.control
            && let Ok(replacement) = b.replacement(control.of)
        {
            blocks.push(Section { heading: Some(t.full_replacement.to_owned()), ..Section::default() });
            blocks.extend(self.sections(&replacement));
        }
        blocks
    }

    fn grant(&self, name: &str, office: &str, reason: Option<&str>) -> Vec<Section> {
        let mut facts = vec![
            (label!(self, GrantBody, "name").to_owned(), Cell::text(name)),
            (label!(self, GrantBody, "office").to_owned(), Cell::text(office)),
        ];
        if let Some(Control::Grant(grant)) = self.control {
            facts.push((label!(self, KeyGrant, "roles").to_owned(), Cell::text(role_words(self.lang, &grant.roles))));
        }
        vec![Section { facts, paragraphs: reason.map(str::to_owned).into_iter().collect(), ..Section::default() }]
    }

    fn keys(&self, people: &[PersonName]) -> Section {
        let granted = self.control.map_or(&[][..], |c| c.grants());
        let rows = people.iter().map(|p| {
            let roles = granted.iter().find(|g| g.key.key_id() == p.keyid).map(|g| role_words(self.lang, &g.roles));
            vec![Cell::text(&p.name), Cell::text(&p.office), Cell::text(roles.unwrap_or_default())]
        });
        let columns = [
            (label!(self, PersonName, "name"), false),
            (label!(self, PersonName, "office"), false),
            (label!(self, KeyGrant, "roles"), false),
        ];
        Section {
            table: Some(table(label!(self, LogGenesisBody, "keys").to_owned(), &columns, rows)),
            ..Section::default()
        }
    }

    fn chain_genesis(&self, b: &ChainGenesisBody) -> Vec<Section> {
        let mut facts: Vec<(String, Cell)> = b
            .organisations
            .iter()
            .map(|o| (self.lang.pick(o.kind.zh(), o.kind.en()).to_owned(), Cell::text(&o.name)))
            .collect();
        if let Some(Control::ChainGenesis(genesis)) = self.control {
            facts.insert(0, (label!(self, ChainGenesis, "unit").to_owned(), Cell::text(genesis.unit.as_str())));
            let p = &genesis.profile;
            facts.push((label!(self, Profile, "cash_limit_fen").to_owned(), Cell::text(yuan(p.cash_limit_fen))));
            facts.push((label!(self, Profile, "major_amount_fen").to_owned(), Cell::text(yuan(p.major_amount_fen))));
            facts.push((label!(self, Profile, "month_due_days").to_owned(), Cell::text(p.month_due_days.to_string())));
        }
        if let Some(contact) = &b.contact {
            facts.push((label!(self, ChainGenesisBody, "contact").to_owned(), Cell::text(contact)));
        }
        let rows = b.opening.balances.iter().map(|balance| {
            let side = self.side(if balance.fen < 0 { Side::Credit } else { Side::Debit });
            vec![
                Cell::text(self.account(&balance.account, balance.sub.as_deref())),
                Cell::text(format!("{side} {}", money(balance.fen.saturating_abs()))),
            ]
        });
        let caption =
            format!("{}, {}", label!(self, ChainGenesisBody, "opening"), day(self.lang, b.opening.date.as_str()));
        let opening = table(
            self.in_yuan(&caption),
            &[(label!(self, AccountBalance, "account"), false), (label!(self, AccountBalance, "fen"), true)],
            rows,
        );
        let paragraphs = b.text.clone().unwrap_or_default();
        vec![
            Section { facts, paragraphs, ..Section::default() },
            self.keys(&b.keys),
            Section { table: Some(opening), ..Section::default() },
        ]
    }
}

fn cash_word(lang: Lang, cash: CashLine) -> &'static str {
    lang.pick(cash.zh(), cash.en())
}
