//! Answers: CBOR or problem, signed whenever the request was (rule Q1).

use crate::{problem::Problem, service::Service};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use daymark_wire::authorization::{Authorization, REPLY_HEADER};

/// The answer to a request that was done, or not.
pub(super) fn respond(
    service: &Service,
    authorization: Option<&Authorization>,
    done: Result<Vec<u8>, Problem>,
) -> Response {
    match done {
        Ok(body) => signed(
            service,
            authorization,
            StatusCode::OK,
            "application/cbor",
            body,
        ),
        Err(refused) => problem(service, authorization, &refused),
    }
}

/// The answer to a request that was not done.
pub(super) fn problem(
    service: &Service,
    authorization: Option<&Authorization>,
    problem: &Problem,
) -> Response {
    tracing::debug!(code = %problem.code, "refused");
    let status = StatusCode::from_u16(problem.code.status());
    signed(
        service,
        authorization,
        status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        "application/problem+json",
        problem.to_json(),
    )
}

/// A plain answer.
pub(super) fn plain(status: StatusCode, content: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn signed(
    service: &Service,
    authorization: Option<&Authorization>,
    status: StatusCode,
    content: &'static str,
    body: Vec<u8>,
) -> Response {
    let signature = authorization.and_then(|authorization| {
        let key = service.identity.key();
        HeaderValue::try_from(authorization.sign_reply(status.as_u16(), &body, key)).ok()
    });
    let mut response = plain(status, content, body);
    if let Some(signature) = signature {
        response.headers_mut().insert(REPLY_HEADER, signature);
    }
    response
}
