//! Whether both clouds serve the same commit.

use hello_cloud::{ErrorKind, RevisionId};

use super::world::World;
use crate::app::parity::{Parity, parity};

fn now(world: &World) -> Parity {
    parity(&world.state, &world.state.groups[0])
}

fn serve(world: &mut World, target: usize, n: usize) {
    world.clouds[target].answers = Some((n, "a"));
    let Ok(seen) = &mut world.clouds[target].snapshot else { unreachable!() };
    seen.serving[0].revision = RevisionId::new(format!("rev/{n}"));
    world.pass(15);
}

#[test]
fn same_ahead_and_unknown() {
    let mut world = World::both();
    assert_eq!(now(&world).text(), "same commit 3333333");
    serve(&mut world, 1, 1);
    assert_eq!(now(&world), Parity::Ahead { leader: "ECS", by: 2 });
    world.clouds[1].snapshot = Err(ErrorKind::Unavailable);
    world.pass(60);
    assert_eq!(now(&world), Parity::Unknown(vec!["Cloud Run"]), "old facts are not parity");
}
