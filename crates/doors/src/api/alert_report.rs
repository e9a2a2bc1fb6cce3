//! Who has an alert, as JSON page by page or whole as CSV.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::{AlertId, Confirmation, Recipient};
use hub::{Hub, ReportPage, ReportQuery, ReportRow};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use ::api::{
    alerts::AlertView,
    reports::{CountsView, RecipientView, ReportView},
};

use super::{Problem, Service, alerts::alert_id, caller::Caller, request::Parameters};

/// The query of `GET /alerts/ID/report`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    /// Those after this recipient.
    #[schemars(with = "Option<String>")]
    after: Option<Recipient>,
    /// Only those who have not confirmed.
    #[serde(default)]
    unconfirmed: bool,
    /// How many at most: 1 to 1,000; 1,000 where left out.
    limit: Option<usize>,
}

const ROWS_MAX: usize = 1_000;

pub(super) async fn report(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
    Parameters(rows): Parameters<Rows>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = rows.limit.unwrap_or(ROWS_MAX);
    if !(1..=ROWS_MAX).contains(&limit) {
        return Err(Problem::invalid(format!("limit is 1 to {ROWS_MAX}")));
    }
    let (id, Rows { after, unconfirmed, .. }) = (alert_id(&id)?, rows);
    service.hub.alert_seen(&caller.peer.alert_sight()?, id).await?;
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim() == "text/csv") {
        let table = csv(&service.hub, id, unconfirmed).await?;
        let name = format!("attachment; filename=\"alert-{id}.csv\"");
        let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned());
        return Ok(([kind, (header::CONTENT_DISPOSITION, name)], table).into_response());
    }
    let page = service.hub.alert_report_page(id, ReportQuery { after, unconfirmed, limit }).await?;
    Ok(Json(view(page)).into_response())
}

fn view(page: ReportPage) -> ReportView {
    let ReportPage { report, next } = page;
    let counts = CountsView {
        recipients: report.counts.recipients,
        pending: report.counts.pending,
        delivered: report.counts.delivered,
        seen: report.counts.seen,
        confirmed: report.counts.confirmed,
        late: report.counts.late,
    };
    let row = |row: ReportRow| RecipientView {
        recipient: row.recipient,
        stage: row.stage,
        delivered_at: row.delivered_at,
        seen_at: row.seen_at,
        confirmation: row.confirmation,
        late: row.late,
        reason: row.reason,
        unreached: row.unreached,
    };
    let alert = AlertView::with_status(report.alert, report.status);
    ReportView { alert, counts, recipients: report.recipients.into_iter().map(row).collect(), next }
}

/// The whole report as a table (RFC 4180).
async fn csv(hub: &Hub, id: AlertId, unconfirmed: bool) -> Result<String, Problem> {
    let mut table =
        "recipient,state,delivered_at,seen_at,confirmed_at,answer,protocol,device,source,reason,late\r\n"
            .to_owned();
    let mut after = None;
    loop {
        let page = hub.alert_report_page(id, ReportQuery { after, unconfirmed, limit: ROWS_MAX }).await?;
        for row in &page.report.recipients {
            table.push_str(&line(row));
        }
        after = page.next;
        if after.is_none() {
            return Ok(table);
        }
    }
}

fn line(row: &ReportRow) -> String {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let confirmation = row.confirmation.as_ref();
    let said = |field: fn(&Confirmation) -> String| confirmation.map(field).unwrap_or_default();
    let cells = [
        row.recipient.to_string(),
        row.stage.as_str().to_owned(),
        time(row.delivered_at),
        time(row.seen_at),
        time(confirmation.map(|confirmation| confirmation.at)),
        said(|confirmation| confirmation.choice.clone()),
        said(|confirmation| confirmation.protocol.to_string()),
        said(|confirmation| confirmation.device.clone()),
        said(|confirmation| confirmation.source.clone()),
        row.reason.clone().unwrap_or_default(),
        if row.late { "late".to_owned() } else { String::new() },
    ];
    cells.map(|cell| cell_text(&cell)).join(",") + "\r\n"
}

/// A cell. What a client wrote must not be taken for a formula by the program that shows the table.
fn cell_text(cell: &str) -> String {
    let mut text = domain::displayable(cell).replace(['\n', '\t'], " ");
    if text.starts_with(['=', '+', '-', '@']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        assert_eq!(cell_text("a,b \"c\"\nd"), "\"a,b \"\"c\"\" d\"");
        assert_eq!(cell_text("=1+1"), "'=1+1");
        assert_eq!(cell_text("desk"), "desk");
    }
}
