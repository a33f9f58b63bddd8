package memory

import "sync"

// Copy is copy, on two processors where there is much. (Pages of 2 MB for memory
// that was never used before are no gain: finding them can take longer than
// copying.)
func Copy(to, from []byte) {
	const enough = 4 << 20
	if len(from) < enough {
		copy(to, from)
		return
	}
	half := len(from) / 2 &^ (pageSize - 1)
	var other sync.WaitGroup
	other.Go(func() { copy(to, from[:half]) })
	copy(to[half:], from[half:])
	other.Wait()
}
