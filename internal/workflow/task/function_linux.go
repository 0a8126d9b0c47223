package task

import (
	"runtime"
	"syscall"
)

// dieTogether has a program killed when this process dies, however it does: a
// resumed attempt would meet the earlier call still at work. Call the returned
// function once the program has ended. Linux watches the thread that started
// the program, so that thread is kept until then.
func dieTogether(attr *syscall.SysProcAttr) func() {
	attr.Pdeathsig = syscall.SIGKILL
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}
