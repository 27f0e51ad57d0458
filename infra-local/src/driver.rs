//! Drives the clouds in real time: a tick every few milliseconds, and at once when something was written or happened.
//! Starts the instances the clouds want and ends those they no longer want.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    instance::{InstanceId, Provider},
    keeper::{Report, Word, keep},
    launch::Launch,
    site::Site,
};

/// Between two ticks.
const TICK: Duration = Duration::from_millis(50);

struct Kept {
    words: mpsc::UnboundedSender<Word>,
    provider: Provider,
    answer: Option<u16>,
}

/// Runs until told to stop (or until the sender is gone), then ends every instance and waits for them.
pub async fn drive(site: Arc<Site>, launch: Launch, mut stop: oneshot::Receiver<()>) {
    let (reports, mut happenings) = mpsc::unbounded_channel::<Report>();
    let mut keepers: JoinSet<()> = JoinSet::new();
    let mut kept: BTreeMap<InstanceId, Kept> = BTreeMap::new();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let report = tokio::select! {
            _ = &mut stop => break,
            report = happenings.recv() => report,
            _ = ticks.tick() => None,
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
                kept.insert(wanted.id.clone(), Kept { words, provider: wanted.provider, answer: None });
                keepers.spawn(keep(launch.clone(), wanted, Arc::clone(&site), orders, reports.clone()));
            }
        }
        for keeper in kept.values_mut() {
            let answer = site.answers().status(keeper.provider, site.clock.origin(), now);
            if answer != keeper.answer {
                keeper.answer = answer;
                let _ = keeper.words.send(Word::Answer(answer));
            }
        }
        while keepers.try_join_next().is_some() {}
    }
    // Without their senders the keepers end their instances.
    drop(kept);
    while keepers.join_next().await.is_some() {}
}
