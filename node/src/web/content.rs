//! A body, laid out for reading: facts, paragraphs and tables. Which words stand where is decided here; what
//! they look like, in the templates.

use sanwu_schema::catalogue::account::account_of;
use sanwu_schema::kinds::Control;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{
    AccountBalance, Body, CashFlow, CashLine, CashStatement, ChainGenesisBody, Contract, Correction, Decision,
    FlowLine, MonthBook, Notice, PersonName, Side, Table as NoticeTable, Voucher,
};

use super::format::{day, money, yuan};
use super::shelf::Shelf;
use super::text::Text;
use super::visitor::{Lang, PageText};

/// A part of a record: each member shows when it is not empty.
#[derive(Default)]
pub(super) struct Block {
    pub heading: Option<String>,
    pub sums: Vec<(String, String)>,
    pub facts: Vec<(String, Cell)>,
    pub paragraphs: Vec<String>,
    pub table: Option<Table>,
}

/// A table; on a narrow screen each row becomes a card.
pub(super) struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    pub foot: Option<(String, Vec<Cell>)>,
}

/// A column's heading, and whether numbers stand under it.
pub(super) struct Column {
    pub name: String,
    pub number: bool,
}

/// What stands in a cell.
#[derive(Default)]
pub(super) struct Cell {
    pub text: String,
    pub href: Option<String>,
    pub number: bool,
    pub label: String,
    /// Not to be broken: dates, numbers of vouchers and contracts.
    pub keep: bool,
    /// `before` or `after` in a correction.
    pub tone: &'static str,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn fen(fen: i64) -> Self {
        Self { text: money(fen), number: true, ..Self::default() }
    }

    fn keep(text: impl Into<String>) -> Self {
        Self { keep: true, ..Self::text(text) }
    }

    fn tone(self, tone: &'static str) -> Self {
        Self { tone, ..self }
    }
}

/// What a layout needs beside the body.
pub(super) struct Layout<'a> {
    pub lang: Lang,
    pub shelf: &'a Shelf,
    pub control: Option<&'a Control>,
}

impl Layout<'_> {
    fn t(&self) -> &'static Text {
        self.lang.text()
    }

    /// Lays out a body.
    pub(super) fn blocks(&self, body: &Body) -> Vec<Block> {
        match body {
            Body::MonthBook(b) => self.month_book(b),
            Body::Receipts(b) => vec![self.flow(b, self.t().receipts)],
            Body::Payments(b) => vec![self.flow(b, self.t().payments)],
            Body::CashStatement(b) => self.cash_statement(b),
            Body::Decision(b) => self.decision(b),
            Body::Contract(b) => vec![self.contract(b)],
            Body::Notice(b) => self.notice(b),
            Body::NilReturn(b) => {
                let mut paragraphs = vec![self.t().nil.to_owned()];
                paragraphs.extend(b.text.clone());
                vec![Block { paragraphs, ..Block::default() }]
            }
            Body::Correction(b) => self.correction(b),
            Body::Erasure(b) => {
                let facts = vec![(self.t().basis.to_owned(), Cell::text(&b.basis))];
                vec![Block { facts, paragraphs: b.text.clone(), ..Block::default() }]
            }
            Body::Control(b) => vec![Block { paragraphs: b.text.clone(), ..Block::default() }],
            Body::Grant(b) => self.grant(&b.name, &b.office, b.reason.as_deref()),
            Body::LogGenesis(b) => {
                let facts = vec![(self.t().operator.to_owned(), Cell::text(&b.operator))];
                let paragraphs = b.text.clone().unwrap_or_default();
                vec![Block { facts, paragraphs, ..Block::default() }, self.keys(&b.keys)]
            }
            Body::ChainGenesis(b) => self.chain_genesis(b),
        }
    }

    fn in_yuan(&self, name: &str) -> String {
        self.lang.pick(format!("{name} (单位: 元)"), format!("{name} (yuan)"))
    }

    /// A number of a decision or contract, linked to where it was published.
    fn linked(&self, number: &str) -> Cell {
        let href = self.shelf.by_number(number).map(|item| format!("/r/{}", item.index));
        Cell { href, ..Cell::keep(number) }
    }

    fn account(&self, code: &str, sub: Option<&str>) -> String {
        let name = account_of(code).map_or("", |a| self.lang.pick(a.zh, a.en));
        match sub {
            Some(sub) => format!("{code} {name} {sub}"),
            None => format!("{code} {name}"),
        }
    }

    fn flow(&self, b: &CashFlow, name: &str) -> Block {
        let t = self.t();
        let noted = b.lines.iter().any(|l| l.note.is_some());
        let mut columns = vec![
            (t.date, false),
            (t.summary, false),
            (t.amount, true),
            (t.heading, false),
            (t.counterparty, false),
            (t.rests_on, false),
            (t.voucher, false),
        ];
        if noted {
            columns.push((t.note, false));
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
        table.foot = Some((t.total.to_owned(), vec![Cell::fen(b.total_fen)]));
        Block { sums: vec![(t.total.to_owned(), yuan(b.total_fen))], table: Some(table), ..Block::default() }
    }

    fn basis(&self, line: &FlowLine) -> Cell {
        match (&line.decision, &line.contract, &line.project) {
            (Some(number), _, _) | (None, Some(number), _) => self.linked(number),
            (None, None, Some(project)) => Cell::text(project),
            (None, None, None) => Cell::default(),
        }
    }

    fn cash_statement(&self, b: &CashStatement) -> Vec<Block> {
        let t = self.t();
        let sums = vec![
            (t.opening.to_owned(), yuan(b.total.opening_fen)),
            (t.receipts.to_owned(), yuan(b.total.receipts_fen)),
            (t.payments.to_owned(), yuan(b.total.payments_fen)),
            (t.closing.to_owned(), yuan(b.total.closing_fen)),
        ];
        let columns = [
            (t.account, false),
            (t.opening, true),
            (t.receipts, true),
            (t.payments, true),
            (t.transfers_in, true),
            (t.transfers_out, true),
            (t.closing, true),
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
        vec![Block { sums, table: Some(table), paragraphs: vec![t.transfers_note.to_owned()], ..Block::default() }]
    }

    fn month_book(&self, b: &MonthBook) -> Vec<Block> {
        let t = self.t();
        let columns = [
            (t.date, false),
            (t.voucher, false),
            (t.summary, false),
            (t.account_lines, false),
            (t.money_flow, false),
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
        let vouchers = table(self.in_yuan(t.vouchers), &columns, rows);
        let balances = self.balances(&b.opening, &b.closing);
        vec![Block { table: Some(vouchers), ..Block::default() }, Block { table: Some(balances), ..Block::default() }]
    }

    fn lines(&self, v: &Voucher) -> String {
        let lines = v.lines.iter().map(|l| {
            let side = match l.side {
                Side::Debit => self.t().debit,
                Side::Credit => self.t().credit,
            };
            format!("{side} {} {}", self.account(&l.account, l.sub.as_deref()), money(l.fen))
        });
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

    fn balances(&self, opening: &[AccountBalance], closing: &[AccountBalance]) -> Table {
        let t = self.t();
        let mut accounts: Vec<(&str, Option<&str>)> =
            opening.iter().chain(closing).map(|b| (b.account.as_str(), b.sub.as_deref())).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let balance = |list: &[AccountBalance], of: (&str, Option<&str>)| {
            let found = list.iter().find(|b| (b.account.as_str(), b.sub.as_deref()) == of);
            let fen = found.map_or(0, |b| b.fen);
            let side = if fen < 0 { t.credit } else { t.debit };
            if fen == 0 { "0.00".to_owned() } else { format!("{side} {}", money(fen.saturating_abs())) }
        };
        let rows = accounts.iter().map(|of| {
            vec![
                Cell::text(self.account(of.0, of.1)),
                Cell::text(balance(opening, *of)),
                Cell::text(balance(closing, *of)),
            ]
        });
        let columns = [(t.account, false), (t.opening, true), (t.closing, true)];
        table(self.in_yuan(t.balances), &columns, rows)
    }

    fn decision(&self, b: &Decision) -> Vec<Block> {
        let t = self.t();
        let mut facts = vec![(t.number.to_owned(), Cell::text(&b.no)), (t.basis.to_owned(), Cell::text(&b.basis))];
        if let Some(fen) = b.approved_fen {
            facts.push((t.approved.to_owned(), Cell::text(yuan(fen))));
        }
        if let Some(from) = &b.published_on {
            let from = day(self.lang, from.as_str());
            let shown = match &b.published_until {
                Some(until) => format!("{from} {} {}", t.until, day(self.lang, until.as_str())),
                None => from,
            };
            facts.push((t.decision_shown.to_owned(), Cell::text(shown)));
        }
        if let Some(on) = &b.result_published_on {
            facts.push((t.result_shown.to_owned(), Cell::text(day(self.lang, on.as_str()))));
        }
        let columns =
            [(t.step, false), (t.date, false), (t.meeting, false), (t.due, true), (t.present, true), (t.yes, true)];
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
            Block { facts, ..Block::default() },
            Block { heading: Some(t.resolution.to_owned()), paragraphs: b.resolution.clone(), ..Block::default() },
            Block { table: Some(steps), ..Block::default() },
        ]
    }

    fn contract(&self, b: &Contract) -> Block {
        let t = self.t();
        let term = format!("{} {} {}", day(self.lang, b.start.as_str()), t.until, day(self.lang, b.end.as_str()));
        let mut facts = vec![
            (t.number.to_owned(), Cell::text(&b.no)),
            (t.contract_kind.to_owned(), Cell::text(self.lang.pick(b.kind.zh(), b.kind.en()))),
            (t.subject.to_owned(), Cell::text(&b.subject)),
            (t.counterparty.to_owned(), Cell::text(&b.counterparty)),
            (t.term.to_owned(), Cell::text(term)),
            (t.award.to_owned(), Cell::text(&b.award_mode)),
        ];
        let optional = [
            (t.credit_code, b.uscc.as_ref().map(|u| Cell::text(u.as_str()))),
            (t.total_price, b.total_fen.map(|f| Cell::text(yuan(f)))),
            (t.yearly, b.annual_fen.map(|f| Cell::text(yuan(f)))),
            (t.due_day, b.due.as_ref().map(Cell::text)),
            (t.decision, b.decision.as_deref().map(|n| self.linked(n))),
            (t.tender, b.tender.as_ref().map(Cell::text)),
            (t.project, b.project.as_ref().map(Cell::text)),
        ];
        facts.extend(optional.into_iter().filter_map(|(name, cell)| Some((name.to_owned(), cell?))));
        Block { facts, ..Block::default() }
    }

    fn notice(&self, b: &Notice) -> Vec<Block> {
        let shown = match (&b.display_start, &b.display_end) {
            (Some(start), Some(end)) => {
                let text =
                    format!("{} {} {}", day(self.lang, start.as_str()), self.t().until, day(self.lang, end.as_str()));
                vec![(self.lang.pick("公示期", "On display").to_owned(), Cell::text(text))]
            }
            _ => Vec::new(),
        };
        let table = b.table.as_ref().map(text_table);
        vec![
            Block { paragraphs: b.text.clone(), table, ..Block::default() },
            Block { facts: shown, ..Block::default() },
        ]
    }

    fn correction(&self, b: &Correction) -> Vec<Block> {
        let t = self.t();
        let columns = [(t.place, false), (t.before, false), (t.after, false)];
        let rows = b.changes.iter().map(|c| {
            vec![Cell::text(&c.place), Cell::text(&c.before).tone("before"), Cell::text(&c.after).tone("after")]
        });
        let changes = table(t.what_changed.to_owned(), &columns, rows);
        let mut blocks = vec![
            Block { heading: Some(t.reason.to_owned()), paragraphs: vec![b.reason.clone()], ..Block::default() },
            Block { table: Some(changes), ..Block::default() },
        ];
        if let Some(Control::Correction(control)) = self.control
            && let Ok(replacement) = b.replacement(control.of)
        {
            blocks.push(Block { heading: Some(t.full_replacement.to_owned()), ..Block::default() });
            blocks.extend(self.blocks(&replacement));
        }
        blocks
    }

    fn grant(&self, name: &str, office: &str, reason: Option<&str>) -> Vec<Block> {
        let t = self.t();
        let mut facts = vec![(t.holder.to_owned(), Cell::text(name)), (t.office.to_owned(), Cell::text(office))];
        if let Some(Control::Grant(grant)) = self.control {
            facts.push((t.role.to_owned(), Cell::text(self.roles(&grant.roles))));
        }
        vec![Block { facts, paragraphs: reason.map(str::to_owned).into_iter().collect(), ..Block::default() }]
    }

    fn roles(&self, roles: &[sanwu_schema::record::statement::Role]) -> String {
        let words: Vec<&str> = roles.iter().map(|r| self.lang.pick(r.zh(), r.en())).collect();
        words.join(self.lang.pick("、", ", "))
    }

    fn keys(&self, people: &[PersonName]) -> Block {
        let t = self.t();
        let granted = self.control.map_or(&[][..], |c| c.grants());
        let rows = people.iter().map(|p| {
            let roles = granted.iter().find(|g| g.key.key_id() == p.keyid).map(|g| self.roles(&g.roles));
            vec![Cell::text(&p.name), Cell::text(&p.office), Cell::text(roles.unwrap_or_default())]
        });
        let columns = [(t.holder, false), (t.office, false), (t.role, false)];
        Block { table: Some(table(t.people.to_owned(), &columns, rows)), ..Block::default() }
    }

    fn chain_genesis(&self, b: &ChainGenesisBody) -> Vec<Block> {
        let t = self.t();
        let mut facts: Vec<(String, Cell)> = b
            .organisations
            .iter()
            .map(|o| (self.lang.pick(o.kind.zh(), o.kind.en()).to_owned(), Cell::text(&o.name)))
            .collect();
        if let Some(Control::ChainGenesis(genesis)) = self.control {
            facts.insert(0, (t.unit_code.to_owned(), Cell::text(genesis.unit.as_str())));
            let p = &genesis.profile;
            facts.push((t.cash_limit.to_owned(), Cell::text(yuan(p.cash_limit_fen))));
            facts.push((t.major_amount.to_owned(), Cell::text(yuan(p.major_amount_fen))));
            facts.push((t.month_due.to_owned(), Cell::text(format!("{} {}", p.month_due_days, t.days))));
        }
        if let Some(contact) = &b.contact {
            facts.push((t.whom_to_ask.to_owned(), Cell::text(contact)));
        }
        let rows = b.opening.balances.iter().map(|balance| {
            let side = if balance.fen < 0 { t.credit } else { t.debit };
            vec![
                Cell::text(self.account(&balance.account, balance.sub.as_deref())),
                Cell::text(format!("{side} {}", money(balance.fen.saturating_abs()))),
            ]
        });
        let caption = format!("{}, {}", t.opening_balances, day(self.lang, b.opening.date.as_str()));
        let opening = table(self.in_yuan(&caption), &[(t.account, false), (t.amount, true)], rows);
        let paragraphs = b.text.clone().unwrap_or_default();
        vec![
            Block { facts, paragraphs, ..Block::default() },
            self.keys(&b.keys),
            Block { table: Some(opening), ..Block::default() },
        ]
    }
}

/// A table; `columns` are headings of ours and whether numbers stand under them.
fn table(caption: String, columns: &[(&str, bool)], rows: impl IntoIterator<Item = Vec<Cell>>) -> Table {
    let columns: Vec<Column> =
        columns.iter().map(|(name, number)| Column { name: (*name).to_owned(), number: *number }).collect();
    let rows = rows.into_iter().map(|cells| labelled(&columns, cells)).collect();
    Table { caption, columns, rows, foot: None }
}

/// On a narrow screen each cell names its column.
fn labelled(columns: &[Column], cells: Vec<Cell>) -> Vec<Cell> {
    let pairs = columns.iter().zip(cells);
    pairs.map(|(column, cell)| Cell { label: column.name.clone(), number: column.number, ..cell }).collect()
}

fn cash_word(lang: Lang, cash: CashLine) -> &'static str {
    lang.pick(cash.zh(), cash.en())
}

/// A notice's own table.
fn text_table(table: &NoticeTable) -> Table {
    let columns: Vec<Column> = table.columns.iter().map(|c| Column { name: c.clone(), number: false }).collect();
    let rows = table.rows.iter().map(|row| labelled(&columns, row.iter().map(Cell::text).collect())).collect();
    Table { caption: String::new(), columns, rows, foot: None }
}
