// Package airflow writes an Apache Airflow DAG that does what a state machine
// does. The DAG is plain Python for Airflow 2.10 and 3; nothing of Mulgil is
// imported by it.
//
//	state                        in the DAG
//	Task                         a task: a mulgil command, or an operator of AWS
//	getCrawler, Choice, Wait     one sensor, if they are the loop that waits for a crawler
//	Choice                       a branch
//	Parallel                     a task group
//	Wait                         a task that sleeps, or a sensor of a time
//	Pass, Succeed, Fail          a task that does nothing, or fails
//	Retry                        the task's retries
//	Catch                        a branch on how the task or group ended
//
// Airflow's tasks do not hand JSON documents on as states do. The package follows
// the data through the machine instead (dataflow.go): what is literal or comes
// from the execution's input is written into the tasks that use it, so parameters
// arrive as the machine says. What depends on a task's result is refused, and so
// are loops: Write then names the state and says why. What Airflow can only do
// nearly so is a comment in the DAG and a warning.
package airflow
