// Package rehearsal tests state machines without doing what they ask for: a
// case gives the input and an answer to every task, and says what must come of
// it. Time is turned on as the execution waits, so that days pass at once.
//
//   - A File is what somebody wrote (`workflows/*.test.yaml`) as JSON, or a
//     mock configuration of AWS Step Functions Local (mockconfig.go);
//   - a Rehearsal runs its cases one by one on workflow.Trial (run.go), handing
//     out the mocks in order (mocks.go);
//   - Expect compares what came with what was expected (expect.go, diff.go);
//   - Coverage tells which states and ways of Choices no case took.
package rehearsal
