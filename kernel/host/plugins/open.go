// Package plugins loads compiled cells, as package plugin loads plugins, and
// sees to it that what all plugins of a process share exists once. A program
// that imports it must be linked with -checklinkname=0, as the host is.
package plugins

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>

// load returns what went wrong, or NULL and where the plugin lies. All symbols
// are bound at once and are there for later plugins.
static const char* load(const char* path, uintptr_t* base) {
	struct link_map* m;
	void* handle = dlopen(path, RTLD_NOW|RTLD_GLOBAL);
	if (handle == NULL || dlinfo(handle, RTLD_DI_LINKMAP, &m) != 0)
		return dlerror();
	*base = m->l_addr;
	return NULL;
}
*/
import "C"

import (
	"errors"
	"fmt"
	_ "plugin" // makes the linker keep and export what plugins may use
	"sync"
	"unsafe"
)

//go:linkname pluginsMu plugin.pluginsMu
var pluginsMu sync.Mutex

//go:linkname lastmoduleinit plugin.lastmoduleinit
func lastmoduleinit() (pluginpath string, syms map[string]any, inittasks []unsafe.Pointer, errstr string)

//go:linkname doInit runtime.doInit
func doInit(inittasks []unsafe.Pointer)

// Open loads the plugin of a file and runs its initialisation, in which it may
// panic. Unlike plugin.Open, it points the plugin to the one itab of each pair
// of type and interface before any of the plugin's code runs. A file is opened
// once in a process. Open may be called by several goroutines.
func Open(path string) error {
	inits, err := link(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	doInit(inits)
	return nil
}

// link brings the plugin into the process, up to its initialisation. The mutex
// is package plugin's own, because the runtime takes the module that came last.
func link(path string) (inits []unsafe.Pointer, err error) {
	pluginsMu.Lock()
	defer pluginsMu.Unlock()
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var base C.uintptr_t
	if failed := C.load(name, &base); failed != nil {
		return nil, errors.New(C.GoString(failed))
	}
	_, _, inits, failed := lastmoduleinit()
	if failed != "" {
		return nil, errors.New(failed)
	}
	return inits, unify(path, uintptr(base))
}
