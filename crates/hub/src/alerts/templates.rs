use std::{collections::BTreeMap, sync::Arc};

use domain::{Address, AlertDraft, EntryName, Template};
use store::{AlertChange, Change};

use crate::{Hub, HubError};

impl Hub {
    /// Keeps a template, in the place of another of the same name. Only administrators do.
    pub async fn put_template(&self, by: &Address, template: Template) -> Result<Arc<Template>, HubError> {
        domain::may_alert(self.people.account(by).as_deref())?;
        let mut template = template.checked()?;
        template.draft.issuer = by.clone();
        (template.draft.begins_at, template.draft.expires_at) = (None, None);
        (template.draft.updates, template.draft.key) = (None, None);
        template.draft.expires_after_seconds = None;
        template.draft = template.draft.checked(self.environment.now())?;
        let template = Arc::new(template);
        let audit =
            self.audit(by.as_str(), "template.put", template.name.as_str(), template.draft.headline.clone());
        let put = Change::Alert(AlertChange::PutTemplate(template.clone()));
        self.store.commit(vec![put, audit]).await?;
        Ok(template)
    }

    /// All templates, by name.
    pub async fn templates(&self) -> Result<Vec<Template>, HubError> {
        Ok(self.store.templates().await?)
    }

    /// The template of this name.
    pub async fn template(&self, name: &EntryName) -> Result<Template, HubError> {
        let found = self.store.template(name).await?;
        found.ok_or_else(|| HubError::NoTemplate { name: name.to_string() })
    }

    /// Forgets a template. What was sent by it stays.
    pub async fn remove_template(&self, by: &Address, name: &EntryName) -> Result<(), HubError> {
        domain::may_alert(self.people.account(by).as_deref())?;
        let audit = self.audit(by.as_str(), "template.remove", name.as_str(), "");
        let remove = Change::Alert(AlertChange::RemoveTemplate { name: name.clone() });
        self.store.commit(vec![remove, audit]).await?;
        Ok(())
    }

    /// What a template says with these values, in the name of who sends it.
    pub async fn fill_template(
        &self,
        by: &Address,
        name: &EntryName,
        values: &BTreeMap<String, String>,
    ) -> Result<AlertDraft, HubError> {
        let template = self.template(name).await?;
        let expires_after_seconds = template.expires_after_seconds;
        Ok(AlertDraft { issuer: by.clone(), expires_after_seconds, ..template.filled(values)? })
    }
}
