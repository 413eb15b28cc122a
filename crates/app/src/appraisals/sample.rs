//! The reviews of a sample company, as the documents that they would be had people written them.

use tenure_core::appraisal::{
    FormState, Given, Minimum, PartScores, Party, RequestState, Step, final_score, part_score, rounded, summarise,
};
use tenure_core::goals::{Progress, Standing};
use tenure_core::ids::EmployeeId;
use tenure_core::sample::{Company, Review, Reviews};
use tenure_db::TenantTx;
use uuid::Uuid;

use super::document::{Cycle, Document, FORMS, Feedback, FeedbackRequest, Form, Goal, Template};
use super::feedback::id_of_feedback;
use super::people::form_id;
use crate::context::Context;
use crate::documents;
use crate::error::Result;

/// Writes the reviews of a company in the transaction that writes the company.
pub(crate) async fn insert(
    context: &Context,
    tx: &mut TenantTx,
    (company, ids): (&Company, &[EmployeeId]),
    reviews: &Reviews,
) -> Result<()> {
    let (template_id, cycle_id): (Uuid, Uuid) = (context.id(), context.id());
    let template = Template {
        name: "Yearly review".to_owned(),
        family_id: template_id,
        number: 1,
        published: true,
        content: reviews.template.clone(),
    };
    let cycle = Cycle {
        name: reviews.cycle_name.clone(),
        template_id,
        starts_on: reviews.starts_on,
        ends_on: reviews.ends_on,
        step: Step::ManagerReview,
        weights: reviews.weights,
        deadlines: reviews.deadlines,
        feedback_minimum: Minimum::default(),
    };
    let mut all: Vec<(Uuid, Document)> = vec![(template_id, template.into()), (cycle_id, cycle.into())];
    for review in &reviews.reviews {
        let id_of = |person: usize| ids.get(person).copied();
        let Some(employee) = id_of(review.person) else { continue };
        let manager = company.people.get(review.person).and_then(|person| id_of(person.manager?));
        let made = Made { context, reviews, review, cycle_id, employee, form_id: form_id(cycle_id, employee) };
        all.push((made.form_id, made.form(manager).into()));
        all.extend(made.goals());
        all.extend(made.feedback(&id_of));
    }
    documents::of(context, tx).insert_each(FORMS, all, context.now(), None).await?;
    Ok(())
}

/// One person's part, and what it takes to write it.
struct Made<'a> {
    context: &'a Context,
    reviews: &'a Reviews,
    review: &'a Review,
    cycle_id: Uuid,
    employee: EmployeeId,
    form_id: Uuid,
}

impl Made<'_> {
    fn form(&self, manager: Option<EmployeeId>) -> Form {
        let Self { review, reviews, .. } = self;
        let (template, now) = (&reviews.template, Some(self.context.now()));
        let mut form = Form::new(self.cycle_id, self.employee, manager);
        (form.state, form.self_answers, form.manager_answers) =
            (review.state, review.own.clone(), review.manager.clone());
        if !matches!(review.state, FormState::NotStarted | FormState::SelfDraft) {
            form.self_submitted_at = now;
            form.self_score = part_score(template, Party::Own, &form.self_answers);
        }
        if review.state == FormState::Completed {
            form.manager_submitted_at = now;
            form.manager_score = part_score(template, Party::Manager, &form.manager_answers);
            form.goals_score =
                Progress::average(review.goals.iter().map(|goal| goal.progress)).map(Progress::percent).map(rounded);
            form.feedback_score = summarise(template, Minimum::default(), &self.given()).score;
        }
        let parts = PartScores {
            own: form.self_score,
            manager: form.manager_score,
            feedback: form.feedback_score,
            goals: form.goals_score,
        };
        form.score = final_score(&reviews.weights, &parts);
        form
    }

    fn goals(&self) -> Vec<(Uuid, Document)> {
        let goal = |title: &str, progress| Goal {
            employee_id: self.employee,
            cycle_id: Some(self.cycle_id),
            parent_id: None,
            title: title.to_owned(),
            description: None,
            starts_on: Some(self.reviews.starts_on),
            due_on: Some(self.reviews.ends_on),
            standing: Standing::Open,
            progress,
        };
        let made = self.review.goals.iter().map(|aim| (self.context.id(), goal(aim.title, aim.progress).into()));
        made.collect()
    }

    /// What was said, in the order that says nothing of who or when.
    fn given(&self) -> Vec<Given> {
        let mut given = Vec::new();
        for colleague in self.review.colleagues.iter().filter(|one| one.state == RequestState::Submitted) {
            Given { group: colleague.group, answers: colleague.answers.clone() }.join(&mut given);
        }
        given
    }

    /// Who was asked, and what was said; nothing where nobody was.
    fn feedback(&self, id_of: &impl Fn(usize) -> Option<EmployeeId>) -> Vec<(Uuid, Document)> {
        if self.review.colleagues.is_empty() {
            return Vec::new();
        }
        let mut feedback = Feedback { form_id: self.form_id, asked: Vec::new(), given: self.given() };
        for colleague in &self.review.colleagues {
            let Some(employee) = id_of(colleague.person) else { continue };
            feedback.ask(employee, colleague.group);
        }
        let state_of = |employee: EmployeeId| {
            let found = self.review.colleagues.iter().find(|one| id_of(one.person) == Some(employee));
            found.map_or(RequestState::Asked, |one| one.state)
        };
        let request = |asked: &super::Asked| FeedbackRequest {
            form_id: self.form_id,
            cycle_id: self.cycle_id,
            employee_id: asked.employee_id,
            about_id: self.employee,
            group: asked.group,
            state: state_of(asked.employee_id),
            answers: tenure_core::appraisal::Answers::new(),
        };
        let mut all: Vec<(Uuid, Document)> =
            feedback.asked.iter().map(|asked| (asked.request_id, request(asked).into())).collect();
        all.push((id_of_feedback(self.form_id), feedback.into()));
        all
    }
}
