#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "native.h"
#include "_cgo_export.h"

int counter = 5;
static const char* words[] = {"one", "two"};

int one(void) { return 1; }

int fail(void) {
	errno = ENOENT;
	return -1;
}

const char* word(int i) { return words[i]; }

static void* in_thread(void* p) {
	*(int*)p = goTwice(*(int*)p);
	return NULL;
}

int twice(int n) {
	pthread_t t;
	if (pthread_create(&t, NULL, in_thread, &n) != 0)
		return -1;
	pthread_join(t, NULL);
	return n;
}

int sum(int n) {
	int s = 0;
	for (int i = 0; i < n; i++)
		s += goTwice(i);
	return s;
}
