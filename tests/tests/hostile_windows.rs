//! Whatever comes to the Windows door harms its own connection only.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
};

use end_to_end::{Friends, Random, expect_message, net_send, start_for_friends, wait::PATIENCE};

const MEBIBYTE: u64 = 1 << 20;

#[test]
fn garbage_at_the_windows_door_ends_its_own_connection_and_no_other() {
    let mut random = Random::new();
    let service = start_for_friends("");
    let address = service.address("windows", "session");
    let mut friends = Friends::sign_in(&service);
    let before = service.memory();
    for _ in 0..200 {
        let length = random.between(1, 4_096);
        let garbage: Vec<u8> = (0..length).map(|_| random.between(0, 255) as u8).collect();
        let mut connection = TcpStream::connect(&address).expect("a connection");
        drop(connection.write_all(&garbage));
        drop(connection.shutdown(std::net::Shutdown::Write));
        read_to_the_end(connection);
    }
    // A header that promises much and brings nothing.
    let mut promising = TcpStream::connect(&address).expect("a connection");
    promising.write_all(&[0x81, 1, 0xff, 0xff]).expect("a header");
    net_send(&address, "PRESS1", "anna", "all is well").expect("others are served");
    expect_message(&mut friends.anna, "all is well");
    friends.chat();
    let after = service.memory();
    println!("garbage at the Windows door: memory {} KiB before, {} KiB after", before / 1024, after / 1024);
    assert!(after < before + 8 * MEBIBYTE, "memory grew from {before} to {after}");
}

fn read_to_the_end(mut connection: TcpStream) {
    connection.set_read_timeout(Some(PATIENCE)).expect("a socket");
    match connection.read_to_end(&mut Vec::new()) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the connection stays open"),
    }
}
