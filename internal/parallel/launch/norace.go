//go:build !race

package launch

// raceDetector says that this program was built with -race.
const raceDetector = false
