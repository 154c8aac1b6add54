// Processes on Linux, as the executor's callers use them. The module holds this for other systems;
// the build puts this file beside them.

package osspecific

import (
	"os"
	"syscall"

	"github.com/argoproj/argo-workflows/v3/util/errors"
)

// Term is how Kubernetes asks a container to stop.
var Term = syscall.SIGTERM

// shellOffset is what a shell adds to the number of the signal that ended a command.
const shellOffset = 128

// CanIgnoreSignal tells signals that concern the executor itself from those that the step must get:
// children that ended, and preemption by the Go runtime.
func CanIgnoreSignal(s os.Signal) bool {
	return s == syscall.SIGCHLD || s == syscall.SIGURG
}

// Setpgid makes a process about to start the leader of a group of its own, for Kill.
func Setpgid(attributes *syscall.SysProcAttr) {
	attributes.Setpgid = true
}

// Kill signals the whole group that a process leads, so that a step wrapped in a shell stops too.
func Kill(pid int, s syscall.Signal) error {
	if group, err := syscall.Getpgid(pid); err == nil {
		pid = -group
	}
	return syscall.Kill(pid, s)
}

// Wait returns the exit status of a child, as an error unless it is zero.
//
// The executor is the first process of its container, so children of the step that outlive their
// parents become its own. It buries them while it waits, and leaves those that still run alone: the
// container ends with the step, as it would without the executor.
func Wait(process *os.Process) error {
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR || err == nil && ended != process.Pid:
			continue
		case err != nil:
			return err
		case status.Signaled():
			return errors.NewExitErr(shellOffset + int(status.Signal()))
		default:
			return errors.NewExitErr(status.ExitStatus())
		}
	}
}
