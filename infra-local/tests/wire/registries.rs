//! ECR and Artifact Registry in depth.

use serde_json::{Value, json};

use crate::{
    client::{aws, google},
    stand_in,
};

#[tokio::test]
async fn a_tag_of_the_service_moves_in_both_registries() {
    let stand_in = stand_in("tag-moved").await;
    let at = stand_in.address();
    let ecr = async |name: &str, input: Value| {
        aws(at, &format!("AmazonEC2ContainerRegistry_V20150921.{name}"), input).await.unwrap().json()
    };
    let of = async |tag: &str| {
        let input = json!({"repositoryName": "hello", "imageIds": [{"imageTag": tag}]});
        ecr("DescribeImages", input).await["imageDetails"][0]["imageDigest"].clone()
    };
    let images = ecr("DescribeImages", json!({"repositoryName": "hello"})).await["imageDetails"].clone();
    assert_eq!(images.as_array().unwrap().len(), 4);
    let older = &images[1]["imageDigest"];
    assert_ne!(of("stable").await, *older);
    let ids = json!({"repositoryName": "hello", "imageIds": [{"imageDigest": older}, {"imageTag": "none"}]});
    let got = ecr("BatchGetImage", ids).await;
    assert_eq!(
        (&got["images"][0]["imageId"]["imageDigest"], &got["failures"][0]["failureCode"]),
        (older, &json!("ImageNotFound"))
    );
    let manifest = &got["images"][0]["imageManifest"];
    let put = json!({"repositoryName": "hello", "imageManifest": manifest, "imageTag": "stable"});
    assert_eq!(ecr("PutImage", put.clone()).await["image"]["imageId"]["imageDigest"], *older);
    assert_eq!(of("stable").await, *older, "the tag has moved");
    assert_eq!(ecr("PutImage", put).await["__type"], "ImageAlreadyExistsException");
    let foreign = json!({"repositoryName": "hello", "imageManifest": "{}", "imageTag": "x"});
    assert_eq!(ecr("PutImage", foreign).await["__type"], "LayersNotFoundException");
    let package = "/v1/projects/acme-local/locations/europe-west1/repositories/hello/packages/hello";
    let tag = google(at, "GET", &format!("{package}/tags/stable"), Value::Null).await.json();
    assert!(tag["version"].as_str().unwrap().ends_with(older.as_str().unwrap()), "one pipeline, two registries: {tag}");
    let newest = images[0]["imageDigest"].as_str().unwrap();
    let body = json!({"version": format!("{}/versions/{newest}", &package[4..])});
    google(at, "PATCH", &format!("{package}/tags/stable?updateMask=version"), body).await;
    assert_eq!(of("stable").await, newest);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn repositories_of_ecr_are_made_filled_and_removed() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let ecr = async |name: &str, input: Value| {
        aws(at, &format!("AmazonEC2ContainerRegistry_V20150921.{name}"), input).await.unwrap().json()
    };
    let made = ecr("CreateRepository", json!({"repositoryName": "team/app", "imageTagMutability": "IMMUTABLE"})).await;
    assert!(made["repository"]["repositoryUri"].as_str().unwrap().ends_with(".amazonaws.com/team/app"));
    assert_eq!(
        ecr("CreateRepository", json!({"repositoryName": "hello"})).await["__type"],
        "RepositoryAlreadyExistsException"
    );
    for number in 0..3 {
        let manifest = json!({"n": number}).to_string();
        ecr(
            "PutImage",
            json!({"repositoryName": "team/app", "imageManifest": manifest, "imageTag": format!("v{number}")}),
        )
        .await;
    }
    let moved = json!({"repositoryName": "team/app", "imageManifest": "other", "imageTag": "v1"});
    assert_eq!(ecr("PutImage", moved).await["__type"], "ImageTagAlreadyExistsException");
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut input = json!({"repositoryName": "team/app", "maxResults": 2});
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let page = ecr("ListImages", input).await;
        seen.extend(page["imageIds"].as_array().unwrap().iter().map(|id| id["imageTag"].clone()));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, [json!("v2"), json!("v1"), json!("v0")]);
    assert_eq!(ecr("DescribeRepositories", json!({})).await["repositories"].as_array().unwrap().len(), 2);
    assert_eq!(
        ecr("DeleteRepository", json!({"repositoryName": "team/app"})).await["__type"],
        "RepositoryNotEmptyException"
    );
    ecr("DeleteRepository", json!({"repositoryName": "team/app", "force": true})).await;
    assert_eq!(ecr("ListImages", json!({"repositoryName": "team/app"})).await["__type"], "RepositoryNotFoundException");
    let token = ecr("GetAuthorizationToken", json!({})).await["authorizationData"][0]["authorizationToken"].clone();
    assert_eq!(token, "QVdTOnN0YW5kLWluLXBhc3N3b3Jk");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn artifact_registry_lists_what_it_holds() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let base = "/v1/projects/acme-local/locations/europe-west1/repositories";
    let get = async |path: &str| google(at, "GET", &format!("{base}{path}"), Value::Null).await;
    assert_eq!(get("").await.json()["repositories"][0]["format"], "DOCKER");
    assert_eq!(get("/hello/packages").await.json()["packages"].as_array().unwrap().len(), 1);
    let versions = get("/hello/packages/hello/versions?pageSize=2&view=FULL").await.json();
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2);
    assert!(versions["nextPageToken"].is_string() && versions["versions"][0]["relatedTags"].is_array());
    let tags = get("/hello/packages/hello/tags").await.json()["tags"].clone();
    assert_eq!(tags.as_array().unwrap().len(), 4, "one of each commit, and stable");
    let version = versions["versions"][0]["name"].as_str().unwrap();
    let of_one = get(&format!("/hello/packages/hello/tags?filter=version%3D%22{version}%22")).await.json();
    assert_eq!(of_one["tags"].as_array().unwrap().len(), 2);
    assert_eq!(get("/hello/packages/hello/versions/sha256:none").await.status, 404);
    assert_eq!(get("/other/packages").await.status, 404);
    assert_eq!(google(at, "GET", &base.replace("acme-local", "other"), Value::Null).await.status, 403);
    stand_in.stop().await.unwrap();
}
