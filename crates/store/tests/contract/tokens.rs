use domain::{Address, Scope, Scopes, Token, TokenId};
use store::{Change, StoreError};

use super::{Engine, address, at, done, is_missing, one, people};

fn token(number: u8, account: &Address) -> Token {
    Token {
        id: TokenId::new(at(i64::from(number)), [number; 10]),
        name: format!("program-{number}").parse().unwrap(),
        account: account.clone(),
        scopes: Scopes::new(vec![Scope::Read, "publish:group:ops,anna".parse().unwrap()]).unwrap(),
        created_at: at(i64::from(number)),
        last_used_at: None,
        expires_at: Some(at(1_000)),
    }
}

fn create(token: &Token) -> Change {
    let hash = [token.id.as_bytes()[15]; 32];
    Change::CreateToken { token: token.clone(), hash }
}

pub(crate) async fn a_token_reads_back_as_it_was_made_until_it_is_removed(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let first = token(1, &anna);
    let second = Token { expires_at: None, last_used_at: Some(at(5)), ..token(2, &anna) };
    for token in [&second, &first] {
        done(&*store, create(token)).await;
    }
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let expected = vec![(first.clone(), [1; 32]), (second.clone(), [2; 32])];
    assert_eq!(store.tokens().await, Ok(expected));
    done(&*store, Change::RemoveToken { token: first.id }).await;
    is_missing(&*store, Change::RemoveToken { token: first.id }).await;
    assert_eq!(store.tokens().await, Ok(vec![(second, [2; 32])]));
    is_missing(&*store, create(&token(3, &address("nobody")))).await;
}

pub(crate) async fn no_two_tokens_have_one_name(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    done(&*store, create(&token(1, &anna))).await;
    let same = Token { name: "program-1".parse().unwrap(), ..token(2, &anna) };
    assert!(matches!(one(&*store, create(&same)).await, Err(StoreError::Exists { .. })));
    assert_eq!(store.tokens().await.unwrap().len(), 1);
}

pub(crate) async fn a_use_is_remembered_and_one_of_a_token_that_is_gone_is_no_mistake(
    engine: &mut dyn Engine,
) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let token = token(1, &anna);
    done(&*store, create(&token)).await;
    done(&*store, Change::TokenUsed { token: token.id, at: at(7) }).await;
    assert_eq!(store.tokens().await.unwrap()[0].0.last_used_at, Some(at(7)));
    done(&*store, Change::RemoveToken { token: token.id }).await;
    done(&*store, Change::TokenUsed { token: token.id, at: at(8) }).await;
    assert_eq!(store.tokens().await, Ok(Vec::new()));
}

pub(crate) async fn a_token_goes_with_its_account(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    done(&*store, create(&token(1, &anna))).await;
    done(&*store, create(&token(2, &bert))).await;
    done(&*store, Change::RemoveAccount { address: anna }).await;
    let left = store.tokens().await.unwrap();
    assert_eq!(left.iter().map(|(token, _)| &token.account).collect::<Vec<_>>(), [&bert]);
}
