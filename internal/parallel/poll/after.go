package poll

// After returns v, unless the run of the calling goroutine has been stopped: see
// [Point]. Compiled cells wrap what can wait in it, so that whoever is woken up after
// the stop does nothing more.
func After[T any](v T) T {
	if Flag.Load() != 0 {
		Point()
	}
	return v
}

// After2 is [After] for a call with two results.
func After2[A, B any](a A, b B) (A, B) {
	if Flag.Load() != 0 {
		Point()
	}
	return a, b
}

// After3 is [After] for a call with three results.
func After3[A, B, C any](a A, b B, c C) (A, B, C) {
	if Flag.Load() != 0 {
		Point()
	}
	return a, b, c
}

// After4 is [After] for a call with four results.
func After4[A, B, C, D any](a A, b B, c C, d D) (A, B, C, D) {
	if Flag.Load() != 0 {
		Point()
	}
	return a, b, c, d
}

// Receive receives from a channel, as v, ok := <-c does, and goes on like [After].
func Receive[T any](c <-chan T) (T, bool) {
	v, ok := <-c
	if Flag.Load() != 0 {
		Point()
	}
	return v, ok
}

// Locked is [Point] for a goroutine that has just got a lock: one that ends gives it
// back, since the call that would do it does not run.
func Locked(unlock func()) {
	if leaving() != nil {
		unlock()
	}
	Point()
}
