//go:build !linux

package task

import "syscall"

// dieTogether does nothing: only Linux tells a program of its parent's death.
func dieTogether(*syscall.SysProcAttr) func() { return func() {} }
