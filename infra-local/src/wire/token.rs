//! The OAuth token endpoint, for the credentials of a person and of a service account.

use serde_json::json;

use super::{Asked, call::parse_query, reply::Reply};

/// The refresh token in the file the stand-in writes. Good for nothing but the stand-in.
pub const REFRESH_TOKEN: &str = "stand-in-refresh-token";

/// `POST /token`, form encoded.
pub fn answer(asked: &Asked) -> Reply {
    let form = parse_query(&String::from_utf8_lossy(&asked.body));
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    // Some clients send the same fields as JSON.
    let json = asked.json().ok();
    let field = |name: &str| field(name).or_else(|| json.as_ref().and_then(|json| json[name].as_str()));
    if field("grant_type") == Some("urn:ietf:params:oauth:grant-type:jwt-bearer") {
        // A service account signs its own request; the signature is not checked.
        let parts =
            field("assertion").map_or(0, |assertion| assertion.split('.').filter(|part| !part.is_empty()).count());
        if parts == 3 {
            return granted();
        }
        let body = json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."});
        return Reply::json(400, "application/json", &body);
    }
    if field("grant_type") != Some("refresh_token") {
        let body = json!({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"});
        return Reply::json(400, "application/json", &body);
    }
    if field("refresh_token") != Some(REFRESH_TOKEN) {
        let body = json!({"error": "invalid_grant", "error_description": "Bad Request"});
        return Reply::json(400, "application/json", &body);
    }
    granted()
}

fn granted() -> Reply {
    let body = json!({
        "access_token": "stand-in-access-token",
        "expires_in": 3599,
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "token_type": "Bearer",
    });
    Reply::json(200, "application/json", &body)
}
