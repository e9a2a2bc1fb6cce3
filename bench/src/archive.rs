//! One person's archive is filled, then read page by page (XEP-0313).

use std::time::{Duration, Instant};

use clap::Args;

use crate::{
    client::Client,
    door::{Door, Server},
    figures::{Figures, Outcome, Times},
    filling::Filling,
    meter::{self, Meter},
    protocol::{self, Said},
};

const NAMESPACE: &str = "urn:xmpp:mam:2";

/// How many people write to the one whose archive it is.
const WRITERS: usize = 50;

/// One person's archive is filled, then read page by page from its end, and once from its middle and its beginning.
#[derive(Debug, Args)]
pub(crate) struct Archive {
    #[command(flatten)]
    server: Server,
    /// How many messages it is to hold.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u64,
    /// How long filling may take: what there is then is read.
    #[arg(long, default_value_t = 120)]
    fill_seconds_max: u64,
    /// Messages on a page.
    #[arg(long, default_value_t = 50)]
    page: usize,
    /// How many pages are read, if there are as many.
    #[arg(long, default_value_t = 200)]
    pages: usize,
}

impl Archive {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let door = Door::new(&self.server)?;
        let mut people = door.sign_in_all(0..WRITERS + 1).await?;
        let mut reader = people.remove(0);
        let question = format!(
            "<iq type='get' id='disco' to='{}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
            door.address(0)
        );
        reader.write(question.as_bytes()).await?;
        if !reader.read_past_answer("disco").await?.contains(NAMESPACE) {
            return Ok(Outcome::Absent(format!("the server does not announce {NAMESPACE}")));
        }
        let mut figures = Figures::default();
        let time = Duration::from_secs(self.fill_seconds_max);
        let filling = Filling { pid: &self.server.pid, messages: self.messages, time };
        let held = filling.run(&door.address(0), &mut reader, &mut people, &mut figures).await?;
        figures.set("archive_messages", held as f64);
        let mut times = Times::default();
        let meter = Meter::start(&self.server.pid)?;
        let mut before = String::new();
        let pages = self.pages.min((held as usize / self.page).max(1));
        for page in 0..pages {
            let begin = Instant::now();
            let found = self.read_page(&mut reader, page, &format!("<before>{before}</before>")).await?;
            times.add(begin.elapsed());
            before = found;
        }
        let usage = meter.stop()?;
        usage.tell(&mut figures);
        figures.set("server_microseconds", usage.server_microseconds_each(pages as u64));
        figures.set_times(&mut times);
        let begin = Instant::now();
        self.read_page(&mut reader, self.pages, "").await?;
        figures.set("first_page_milliseconds", begin.elapsed().as_secs_f64() * 1e3);
        figures.set("resident_bytes", meter::resident_bytes(&self.server.pid) as f64);
        Ok(Outcome::Measured(figures))
    }

    /// Reads one page; the id of its first message.
    async fn read_page(&self, reader: &mut Client, page: usize, place: &str) -> anyhow::Result<String> {
        let question = format!(
            "<iq type='set' id='page{page}'><query xmlns='{NAMESPACE}' queryid='q{page}'>\
             <set xmlns='http://jabber.org/protocol/rsm'><max>{}</max>{place}</set></query></iq>",
            self.page
        );
        reader.write(question.as_bytes()).await?;
        let id = format!("page{page}");
        let (mut found, mut answer) = (0, None);
        while answer.is_none() {
            reader
                .receive(|said, whole| match said {
                    Said::Message(_) if memchr::memmem::find(whole, NAMESPACE.as_bytes()).is_some() => {
                        found += 1;
                    }
                    Said::Answer if protocol::attribute(whole, b" id=") == Some(id.as_str()) => {
                        answer = Some(String::from_utf8_lossy(whole).into_owned());
                    }
                    _ => {}
                })
                .await?;
        }
        let answer = answer.unwrap_or_default();
        anyhow::ensure!(found == self.page, "a page of {} has {found} messages: {answer}", self.page);
        let first = answer.split("</first>").next().and_then(|before| before.rsplit('>').next());
        Ok(first.unwrap_or_default().to_owned())
    }
}
