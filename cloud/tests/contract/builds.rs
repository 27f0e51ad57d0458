//! Build sources, against the stand-in's pipelines.

use hello_cloud::{
    BuildSource, BuildState, ErrorKind,
    builds::{CloudBuild, GitHubActions},
    gcp::Credentials,
};
use hello_local::{Fault, Kind, Party};

use crate::bench::{Bench, Cloud, Face, SERVICE};

fn sources(bench: &Bench) -> [Box<dyn BuildSource>; 2] {
    let base = format!("http://{}", bench.stand_in().address());
    let github = GitHubActions::new("acme/hello", None, &base, Some("stand-in-github-token".into())).unwrap();
    let credentials = Credentials::Json(bench.stand_in().adc());
    let cloud_build = CloudBuild::new("acme-local", "europe-west1", Some(&base), &credentials).unwrap();
    [Box::new(github), Box::new(cloud_build)]
}

#[tokio::test(flavor = "multi_thread")]
async fn github_actions_and_cloud_build_tell_what_was_built_newest_first() {
    let bench = Bench::new(Cloud::CloudRun, Face::Wire, "steady").await;
    let serving = bench.provider.observe(SERVICE, None).await.unwrap();
    let serving = serving.main_revision().unwrap();
    for source in sources(&bench) {
        let builds = source.recent(10).await.unwrap();
        assert_eq!(builds.len(), 3, "{}", source.label());
        assert!(builds.is_sorted_by(|a, b| a.created_at >= b.created_at), "{}", source.label());
        assert!(builds.iter().all(|build| build.state.state == BuildState::Succeeded), "{builds:?}");
        assert_eq!(builds[0].commit, serving.commit, "{}", source.label());
        if let Some(digest) = builds[0].digests.first() {
            assert_eq!(Some(digest), serving.image.as_ref().unwrap().digest.as_ref(), "joins the build to its image");
        }
        assert_eq!(source.recent(2).await.unwrap(), builds[..2]);
        assert_eq!(source.recent(10).await.unwrap(), builds);
    }
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn github_actions_and_cloud_build_tell_trouble_apart() {
    let bench = Bench::new(Cloud::CloudRun, Face::Wire, "steady").await;
    for (kind, expected) in
        [(Kind::Expired, ErrorKind::Auth), (Kind::Denied, ErrorKind::Denied), (Kind::Off, ErrorKind::Unavailable)]
    {
        for (cloud, call) in [(Party::Github, "actions.runs.list"), (Party::Gcp, "cloudbuild.builds.list")] {
            bench.control().add_fault(Fault { cloud, call: Some(call.to_owned()), from: 0.0, until: None, kind });
        }
        for source in sources(&bench) {
            let error = source.recent(5).await.unwrap_err();
            assert_eq!(error.kind, expected, "{}: {error}", source.label());
        }
        bench.control().clear_faults();
    }
    bench.stop().await;
}
