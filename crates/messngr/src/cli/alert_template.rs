use clap::{ArgGroup, Subcommand};
use domain::Template;
use doors::api::templates::{NewTemplate, TemplateView};
use hyper::Method;

use super::{
    alert,
    alert_content::ContentArgs,
    context::{Context, Speaker, say},
    table::{fields, table},
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum TemplateCommand {
    /// Keep a template, in the place of another of the same name. `{variable}` in its words is filled in when it is
    /// sent: `alert send --template NAME --set variable=value`.
    #[command(groups = [
        ArgGroup::new("whom").required(true).args(["to"]),
        ArgGroup::new("what").required(true).args(["headline"]),
    ])]
    Put {
        /// What it is called.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// A variable whose place is in the words. Can be repeated.
        #[arg(long = "variable", value_name = "VARIABLE")]
        variables: Vec<String>,
        #[command(flatten)]
        content: Box<ContentArgs>,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// List the templates.
    List,
    /// Show what a template says.
    Show {
        /// Which.
        name: String,
    },
    /// Forget a template. What was sent by it stays.
    Remove {
        /// Which.
        name: String,
        #[command(flatten)]
        speaker: Speaker,
    },
}

pub(super) async fn run(context: &Context, command: TemplateCommand) -> anyhow::Result<()> {
    match command {
        TemplateCommand::Put { name, variables, content, speaker } => {
            let new =
                NewTemplate { variables: variables.into_iter().collect(), alert: content.into_alert()? };
            let TemplateView(template) =
                context.client_as(&speaker)?.put(&ApiPath::new(&["templates", &name]), &new).await?;
            context.print(&template, || page(&template))
        }
        TemplateCommand::List => {
            let templates: Vec<TemplateView> = context.client()?.list(&ApiPath::new(&["templates"])).await?;
            context.print(&templates, || {
                table(["name", "variables", "to", "headline"], templates.iter().map(row))
            })
        }
        TemplateCommand::Show { name } => {
            let TemplateView(template) = context.client()?.get(&ApiPath::new(&["templates", &name])).await?;
            context.print(&template, || page(&template))
        }
        TemplateCommand::Remove { name, speaker } => {
            let client = context.client_as(&speaker)?;
            client.command(Method::DELETE, &ApiPath::new(&["templates", &name]), None::<&()>).await?;
            say(format_args!("The template {name} was removed."));
            Ok(())
        }
    }
}

fn variables(template: &Template) -> String {
    template.variables.iter().cloned().collect::<Vec<_>>().join(" ")
}

fn row(TemplateView(template): &TemplateView) -> [String; 4] {
    let draft = &template.draft;
    [template.name.to_string(), variables(template), draft.audience.to_string(), draft.headline.clone()]
}

/// Each language, and what is said in those that are not the template's own.
fn languages(template: &Template) -> String {
    let draft = &template.draft;
    let others = draft.translations.iter().map(|(tag, words)| format!("{tag}: {}", words.headline));
    draft.language.iter().map(ToString::to_string).chain(others).collect::<Vec<_>>().join("; ")
}

fn page(template: &Template) -> String {
    let draft = &template.draft;
    fields(&[
        ("name", template.name.to_string()),
        ("variables", variables(template)),
        ("headline", draft.headline.clone()),
        ("text", draft.text.clone()),
        ("severity", draft.severity.to_string()),
        ("to", draft.audience.to_string()),
        ("choices", draft.choices.join(", ")),
        (
            "confirm",
            if draft.must_confirm { "must be confirmed" } else { "need not be confirmed" }.to_owned(),
        ),
        ("expires", alert::lasting(template.expires_after_seconds)),
        ("repeated", alert::repeated(draft.repeat_seconds)),
        ("escalation", draft.escalation.iter().map(alert::level).collect::<Vec<_>>().join("; ")),
        ("languages", languages(template)),
        ("lifetime", draft.lifetime.as_str().to_owned()),
        ("link", draft.link.clone().unwrap_or_default()),
        ("attachments", draft.attachments.join(" ")),
        ("marks", alert::marks(draft.drill, draft.test, draft.kind)),
        ("from", draft.issuer.to_string()),
    ])
}
