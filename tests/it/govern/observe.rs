//! The ten observation rules: where each says yes, no, or that the traffic does not tell.

use super::*;
use gnomon::govern::duties::observe::{
    Accounts, Compared, Strictness, Window, agent_cadence, block_effective, displacement,
    expiry_breach, feature_switched_on, gateway_share, gone, key_sprawl, tenant_share,
    uploads_fall,
};

const CHAT: &str = "openai.chatgpt";

fn window() -> Window {
    Window {
        from: day("2026-11-09"),
        until: day("2026-11-23"),
    }
}

/// A block that works: people are still there, were stopped, and moved to what is sanctioned.
fn working() -> Compared {
    Compared {
        now: window(),
        allowed_before: 5000,
        allowed_after: 50,
        blocked_after: 300,
        bytes_before: 1000,
        bytes_after: 100,
        people_before: 40,
        people_still_seen: 36,
        sanctioned_days: (10, 60),
        other_days: (20, 20),
        control_days: (100, 100),
        has_alternative: true,
        counts_bytes: true,
    }
}

#[test]
fn obs_1_a_block_holds_fails_or_is_unclear_and_keeps_its_figures() {
    let finding = |traffic: Compared| block_effective(CHAT, &traffic).finding;
    let seen = block_effective(CHAT, &working());
    assert_eq!(
        (seen.rule, seen.finding),
        (Rule::BlockEffective, Finding::Holds)
    );
    assert_eq!(
        (seen.numerator, seen.denominator, seen.coverage),
        (50, 5000, Some(90))
    );
    assert_eq!((seen.from, seen.until), (window().from, window().until));
    assert_eq!(
        finding(Compared {
            allowed_after: 51,
            ..working()
        }),
        Finding::Fails
    );
    assert_eq!(
        finding(Compared {
            blocked_after: 0,
            ..working()
        }),
        Finding::Unclear
    );
    assert_eq!(
        finding(Compared {
            people_still_seen: 35,
            ..working()
        }),
        Finding::Unclear
    );
    // Nothing before and something after: it leaks, whatever the share.
    assert_eq!(
        finding(Compared {
            allowed_before: 0,
            allowed_after: 1,
            ..working()
        }),
        Finding::Fails
    );
}

#[test]
fn obs_2_moving_to_another_shadow_application_is_no_success_and_holidays_are_none_either() {
    let finding = |traffic: Compared| displacement(CHAT, &traffic).map(|seen| seen.finding);
    assert_eq!(finding(working()), Some(Finding::Holds));
    assert_eq!(
        finding(Compared {
            other_days: (20, 23),
            ..working()
        }),
        Some(Finding::Fails)
    );
    // Everybody came back from a holiday: use doubled everywhere, so that of others proves nothing against it.
    let back = Compared {
        other_days: (20, 40),
        sanctioned_days: (10, 20),
        control_days: (100, 200),
        ..working()
    };
    assert_eq!(finding(back), Some(Finding::Unclear));
    assert_eq!(
        finding(Compared {
            has_alternative: false,
            ..working()
        }),
        None
    );
    assert_eq!(
        finding(Compared {
            people_before: 0,
            ..working()
        }),
        None
    );
}

#[test]
fn obs_3_uploads_fall_to_a_tenth_after_a_block_and_to_half_after_a_warning() {
    let finding = |bytes_after, strictness| {
        uploads_fall(
            CHAT,
            &Compared {
                bytes_after,
                ..working()
            },
            strictness,
        )
        .map(|seen| seen.finding)
    };
    assert_eq!(finding(100, Strictness::Stops), Some(Finding::Holds));
    assert_eq!(finding(101, Strictness::Stops), Some(Finding::Fails));
    assert_eq!(finding(500, Strictness::Warns), Some(Finding::Holds));
    assert_eq!(finding(501, Strictness::Warns), Some(Finding::Fails));
    let dns = Compared {
        counts_bytes: false,
        ..working()
    };
    assert_eq!(uploads_fall(CHAT, &dns, Strictness::Stops), None);
}

#[test]
fn obs_4_unknown_accounts_hide_the_tenant_share_only_while_they_could_change_it() {
    let share = |enterprise, consumer: u64, unknown| {
        let accounts = Accounts {
            enterprise,
            foreign: consumer / 2,
            consumer: consumer - consumer / 2,
            unknown,
        };
        tenant_share(CHAT, window(), accounts).map(|seen| (seen.finding, seen.coverage))
    };
    assert_eq!(share(95, 5, 0), Some((Finding::Holds, Some(100))));
    assert_eq!(share(90, 5, 5), Some((Finding::Unclear, Some(95))));
    assert_eq!(share(50, 6, 44), Some((Finding::Fails, Some(56))));
    // DNS alone tells no account.
    assert_eq!(share(0, 0, 9), None);
}

#[test]
fn obs_5_and_6_need_a_gateway_and_named_servers() {
    let through =
        |gateway, direct| gateway_share(CHAT, window(), gateway, direct).map(|seen| seen.finding);
    assert_eq!(through(None, 9), None);
    assert_eq!(through(Some(95), 5), Some(Finding::Holds));
    assert_eq!(through(Some(94), 6), Some(Finding::Fails));
    let keys = |people, servers, known| {
        key_sprawl(CHAT, window(), people, servers, known).map(|seen| seen.finding)
    };
    assert_eq!(keys(0, 3, true), Some(Finding::Holds));
    assert_eq!(keys(1, 30, true), Some(Finding::Fails));
    assert_eq!(keys(1, 3, false), None);
}

#[test]
fn obs_7_to_10_say_when() {
    let ended = day("2026-11-10T23:59:59Z");
    let breach = |after| expiry_breach(CHAT, ended, day("2026-11-23"), after, 50);
    assert_eq!(breach(1).finding, Finding::Fails);
    assert_eq!(breach(0).finding, Finding::Unclear);
    assert_eq!(
        (breach(7).numerator, breach(7).denominator, breach(7).from),
        (7, 50, ended)
    );

    let feature = feature_switched_on(CHAT, "Example Suite", window(), 2, 3);
    assert!(
        feature
            .detail
            .contains("Example Suite was first seen on 2026-11-23"),
        "{}",
        feature.detail
    );

    let cadence = |off_hours, agents| {
        agent_cadence(CHAT, window(), off_hours, agents, 100).map(|seen| seen.finding)
    };
    assert_eq!(cadence(29, 0), Some(Finding::Unclear));
    assert_eq!(cadence(30, 0), Some(Finding::Fails));
    assert_eq!(cadence(0, 1), Some(Finding::Fails));

    let silent =
        |last, watched| gone(CHAT, day(last), day("2026-11-23"), watched).map(|seen| seen.finding);
    assert_eq!(silent("2026-10-25", 30), None);
    assert_eq!(silent("2026-10-24", 27), Some(Finding::Holds));
    assert_eq!(silent("2026-10-24", 26), Some(Finding::Unclear));
}

#[test]
fn what_was_observed_once_lapses_when_the_traffic_speaks_against_it() {
    let mut app = subject(Archetype::ConsumerChat, ServiceModel::Saas);
    app.observed = vec![observation(Rule::BlockEffective, Finding::Fails)];
    assert_eq!(
        status_of(&app, &[], "GAI-04", "2026-11-23"),
        DutyStatus::Open
    );
    app.earlier = vec![observation(Rule::BlockEffective, Finding::Holds)];
    assert_eq!(
        status_of(&app, &[], "GAI-04", "2026-11-23"),
        DutyStatus::Lapsed
    );
    app.observed[0].finding = Finding::Holds;
    assert_eq!(
        status_of(&app, &[], "GAI-04", "2026-11-23"),
        DutyStatus::Met
    );
}

#[test]
fn a_rule_in_the_proxy_is_under_way_until_the_traffic_shows_it() {
    use gnomon::model::{Enforcement, EnforcementAction};
    let mut app = subject(Archetype::ConsumerChat, ServiceModel::Saas);
    app.enforced = Some(Enforcement {
        id: 1,
        service: CHAT.to_owned(),
        action: EnforcementAction::Block,
        place: "proxy-1".to_owned(),
        rule: "r-17".to_owned(),
        ticket: String::new(),
        by: "Sam Example".to_owned(),
        at: day("2026-11-20"),
    });
    assert_eq!(
        status_of(&app, &[], "GAI-04", "2026-11-23"),
        DutyStatus::InProgress
    );
    app.observed = vec![observation(Rule::BlockEffective, Finding::Fails)];
    assert_eq!(
        status_of(&app, &[], "GAI-04", "2026-11-23"),
        DutyStatus::Open
    );
}

#[test]
fn the_rhythm_of_a_machine_does_not_undo_an_attestation() {
    let mut app = subject(Archetype::Agent, ServiceModel::Saas);
    app.observed = vec![observation(Rule::AgentCadence, Finding::Fails)];
    let records = [record("GAI-24", DutyStep::Attested, "2026-11-21", None)];
    assert_eq!(
        status_of(&app, &records, "GAI-24", "2026-11-23"),
        DutyStatus::Met
    );
    assert_eq!(
        status_of(&app, &[], "GAI-24", "2026-11-23"),
        DutyStatus::Open
    );
}
