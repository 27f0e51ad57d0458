//! How requests move from the old tasks to the new ones where both stand side by side.

use super::{
    deployment::{Hold, Status, Step, Waiting},
    progress::{MINUTE, STEP},
    rules::Strategy,
    service::Service,
};
use crate::moment::Moment;

impl Service {
    /// Moves the deployment under way one step on, when that is due.
    pub(super) fn shift(&mut self, now: Moment) {
        let current = self.current();
        let (step, stayed) = (current.step, now.since(current.step_since));
        let (rules, production) = (current.rules.clone(), current.production);
        let minutes = |minutes: u64| self.paced(minutes.saturating_mul(MINUTE));
        let due = match step {
            Step::Reconcile
            | Step::PreScaleUp
            | Step::PostScaleUp
            | Step::TestShift
            | Step::PostTestShift
            | Step::PostProductionShift => stayed >= self.paced(STEP),
            Step::ScaleUp => {
                let own = self.tasks.iter().filter(|task| task.started_by == current.rolling);
                own.filter(|task| task.is_running()).count() >= self.target()
            }
            Step::ProductionShift if production >= 100.0 => stayed >= self.paced(STEP),
            Step::ProductionShift => {
                let (further, wait) = match rules.strategy {
                    Strategy::Rolling | Strategy::BlueGreen => (100.0, minutes(0)),
                    Strategy::Linear { step, minutes: wait } => (production + step, minutes(wait)),
                    Strategy::Canary { percent, .. } if production <= 0.0 => (percent, minutes(0)),
                    Strategy::Canary { minutes: wait, .. } => (100.0, minutes(wait)),
                };
                // The first share moves at once, each other one after its wait.
                if production <= 0.0 || stayed >= wait {
                    let current = self.current_mut();
                    current.production = if is_all(further) { 100.0 } else { further };
                    current.enter(now, Step::ProductionShift);
                }
                false
            }
            Step::Bake => stayed >= minutes(rules.bake),
            Step::CleanUp => false,
        };
        if due && self.may_leave(now, step) {
            let next = step.next();
            let current = self.current_mut();
            current.enter(now, next);
            if next == Step::TestShift {
                current.test = 100.0;
            }
        }
    }

    /// Whether nobody has to be waited for before this step is left. The wait begins here.
    fn may_leave(&mut self, now: Moment, step: Step) -> bool {
        let current = self.current();
        let pauses = current.rules.pauses.clone();
        let here = pauses.iter().filter(|pause| pause.stages.iter().any(|stage| stage == step.word()));
        if !current.holds.iter().any(|hold| hold.step == step) {
            for pause in here {
                let expires_at = now.after(self.paced(pause.minutes.saturating_mul(MINUTE)));
                let (id, goes_on) = (self.ids.uuid(), pause.goes_on);
                let hold = Hold { id, step, waiting: Waiting::AwaitingAction, expires_at, goes_on };
                self.current_mut().holds.push(hold);
            }
        }
        let (mut free, mut back) = (true, false);
        for hold in self.current_mut().holds.iter_mut().filter(|hold| hold.step == step) {
            if hold.waiting == Waiting::AwaitingAction && now >= hold.expires_at {
                hold.waiting = Waiting::TimedOut;
            }
            match hold.waiting {
                Waiting::AwaitingAction => free = false,
                Waiting::Succeeded => {}
                Waiting::TimedOut if hold.goes_on => {}
                Waiting::TimedOut | Waiting::Failed => back = true,
            }
        }
        if back {
            let reason = "Service deployment rolled back because of a lifecycle hook.";
            self.current_mut().turn(now, Status::RollbackRequested, Some(reason));
        }
        free && !back
    }
}

/// Whether so many percent are all, but for a rounding.
fn is_all(percent: f64) -> bool {
    percent >= 99.999
}
