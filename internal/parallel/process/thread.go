package process

import "runtime"

// Thread is an operating system thread that lives until it is closed. What is to
// die with this process is started on one, because Linux takes the end of the thread
// that started a process for the end of its parent, and Go ends threads as it likes.
type Thread struct {
	work chan func()
	done chan struct{}
}

// NewThread starts a thread.
func NewThread() *Thread {
	t := &Thread{make(chan func()), make(chan struct{})}
	go func() {
		defer close(t.done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for f := range t.work {
			f()
		}
	}()
	return t
}

// Do runs f on the thread and waits for it.
func (t *Thread) Do(f func()) {
	done := make(chan struct{})
	t.work <- func() { defer close(done); f() }
	<-done
}

// Close ends the thread. Do must not be called afterwards.
func (t *Thread) Close() {
	close(t.work)
	<-t.done
}
