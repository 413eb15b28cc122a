//! `/api/platform/v1/backups`

use axum::Json;
use tenure_app::platform;

use super::body::{Backup, BackupPage};
use super::call::OperatorCall;
use super::query::{self, BackupParameters};
use crate::cursor::{self, List};
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::Parameters;

/// Archives, the newest first.
#[utoipa::path(
    get,
    path = "/api/platform/v1/backups",
    operation_id = "list_backups",
    params(BackupParameters),
    responses((status = 200, description = "A page of them", body = BackupPage)),
    security(("operator" = [])),
)]
pub(crate) async fn list(call: OperatorCall, Parameters(pairs): Parameters) -> Result<Json<BackupPage>, Problem> {
    let page = query::backups(&pairs)?;
    let part = (page.after, page.wanted());
    let found = platform::backups(call.context(), &call.operator, page.filter.as_ref(), part).await?;
    let (backups, more) = page.cut(found);
    let next_cursor = backups.last().filter(|_| more).map(|last| cursor::encode(List::Backups, last.id, [""]));
    Ok(Json(BackupPage { data: backups.into_iter().map(Backup::from).collect(), next_cursor }))
}

/// An archive.
#[utoipa::path(
    get,
    path = "/api/platform/v1/backups/{id}",
    operation_id = "show_backup",
    params(("id" = Uuid, Path, description = "The archive's id")),
    responses((status = 200, description = "The archive", body = Backup)),
    security(("operator" = [])),
)]
pub(crate) async fn show(call: OperatorCall, PathId(id): PathId) -> Result<Json<Backup>, Problem> {
    Ok(Json(platform::backup(call.context(), &call.operator, id).await?.into()))
}
