import type { AssignmentPlan } from './assignment-plan.ts';
import type { EdgeAssignment } from './options-duties.ts';

/** A line for the journal. `about` names what it is of, so that repeats can be left out. */
export type AssignmentNote = {
  readonly kind: 'witnesses-elected' | 'budget-overrun' | 'budget-kept';
  readonly about: string;
  readonly sentence: string;
};

/** What has changed between two plans that is worth a line: other witnesses of an edge, a budget overrun or kept again. */
export function assignmentNotes(before: AssignmentPlan, after: AssignmentPlan): readonly AssignmentNote[] {
  const known = new Map(before.edges.map((assignment) => [assignment.edge.key, assignment]));
  return after.edges.flatMap((assignment) => {
    const { key } = assignment.edge;
    const earlier = known.get(key);
    const notes: AssignmentNote[] = [];
    if (names(earlier) !== names(assignment)) {
      const sentence = `${key} is asked by ${names(assignment) || 'nobody'}, each ${paceText(assignment)}`;
      notes.push({ kind: 'witnesses-elected', about: key, sentence: sentence.slice(0, 1000) });
    }
    if (assignment.isOverrun !== (earlier?.isOverrun ?? false)) notes.push(overrunNote(assignment));
    return notes;
  });
}

function overrunNote({ edge, load, isOverrun }: EdgeAssignment): AssignmentNote {
  const qualify = `${load.qualifyPerMinute.toFixed(1)} attempts a minute`;
  const allowed = `${edge.provider} allows ${edge.budget.attemptsPerMinute}`;
  return isOverrun
    ? {
        kind: 'budget-overrun',
        about: edge.key,
        sentence: `the PBXs' own qualify asks ${edge.key} ${qualify}, ${allowed}: raise qualify_frequency; the probes ask as rarely as they may`,
      }
    : {
        kind: 'budget-kept',
        about: edge.key,
        sentence: `the PBXs' own qualify asks ${edge.key} ${qualify} again, ${allowed}`,
      };
}

function names(assignment: EdgeAssignment | undefined): string {
  return (assignment?.witnesses ?? [])
    .map(({ pbx }) => pbx)
    .toSorted()
    .join(', ');
}

function paceText({ pace }: EdgeAssignment): string {
  const liveness = `every ${(pace.intervalMs / 1000).toFixed(1)} s`;
  return pace.lossMeanMs > 0 ? `${liveness} and for loss every ${(pace.lossMeanMs / 1000).toFixed(1)} s` : liveness;
}
