//! Drives the clouds in real time: often while something moves, seldom while nothing does, and at once when something was written or happened.
//! Starts the instances the clouds want and ends those they no longer want.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinError, JoinSet},
    time::sleep,
};

use crate::{
    instance::{InstanceId, Manner, Provider},
    keeper::{Report, Word, keep},
    launch::Launch,
    site::Site,
};

/// Between two looks at the time while something moves.
const MOVING: Duration = Duration::from_millis(50);
/// Between two looks at the time while nothing does: builds go on, and scripted sickness begins.
const RESTING: Duration = Duration::from_millis(500);

struct Kept {
    words: mpsc::UnboundedSender<Word>,
    provider: Provider,
    manner: Manner,
    answer: Option<u16>,
    ready: bool,
}

/// Runs until told to stop (or until the sender is gone), then ends every instance and waits for them.
pub async fn drive(site: Arc<Site>, launch: Launch, mut stop: oneshot::Receiver<()>) {
    let (reports, mut happenings) = mpsc::unbounded_channel::<Report>();
    let mut keepers: JoinSet<()> = JoinSet::new();
    let mut kept: BTreeMap<InstanceId, Kept> = BTreeMap::new();
    let mut pause = Duration::ZERO;
    loop {
        let report = tokio::select! {
            _ = &mut stop => break,
            report = happenings.recv() => report,
            () = sleep(pause) => None,
            () = site.wake.notified() => None,
        };
        let now = site.clock.now();
        let wanted = {
            let mut clouds = site.clouds();
            let more = std::iter::from_fn(|| happenings.try_recv().ok());
            for report in report.into_iter().chain(more) {
                clouds.happened(now, report.provider, &report.id, report.happening);
            }
            clouds.advance(now);
            pause = if clouds.is_moving() { MOVING } else { RESTING };
            clouds.wanted()
        };
        let ids: BTreeSet<&InstanceId> = wanted.iter().map(|wanted| &wanted.id).collect();
        kept.retain(|id, keeper| {
            let stays = ids.contains(id);
            if !stays {
                let _ = keeper.words.send(Word::End);
            }
            stays
        });
        for wanted in wanted {
            if !kept.contains_key(&wanted.id) {
                let (words, orders) = mpsc::unbounded_channel();
                let (provider, manner) = (wanted.provider, wanted.manner);
                kept.insert(wanted.id.clone(), Kept { words, provider, manner, answer: None, ready: true });
                keepers.spawn(keep(launch.clone(), wanted, Arc::clone(&site), orders, reports.clone()));
            }
        }
        for keeper in kept.values_mut() {
            let said = site.answers().status(keeper.provider, site.clock.origin(), now);
            let answer = said.or(keeper.manner.answer());
            if answer != keeper.answer {
                keeper.answer = answer;
                let _ = keeper.words.send(Word::Answer(answer));
            }
            let ready = site.answers().ready(keeper.provider, site.clock.origin(), now);
            if ready != keeper.ready {
                keeper.ready = ready;
                let _ = keeper.words.send(Word::Ready(ready));
            }
        }
        while let Some(ended) = keepers.try_join_next() {
            note(&site, ended);
        }
    }
    // Without their senders the keepers end their instances.
    drop(kept);
    while let Some(ended) = keepers.join_next().await {
        note(&site, ended);
    }
}

/// A keeper that panicked has taken its instance with it: a defect of ours that must not go unseen.
fn note(site: &Site, ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        site.problem(format!("a keeper broke: {error}"));
    }
}
