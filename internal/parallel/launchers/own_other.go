//go:build !unix

package launchers

import "errors"

// Engines need Linux, so what starts them is never reached elsewhere.
var errNotHere = errors.New("this system cannot tell whose a file is")

func cacheFolder() (string, error) { return "", errNotHere }

func stateFolder() (string, error) { return "", errNotHere }

func trusted(string) error { return errNotHere }

func ownedSize(string) (int64, error) { return 0, errNotHere }
