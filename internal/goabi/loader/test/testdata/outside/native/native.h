extern int counter;

int one(void);
int fail(void);
const char* word(int i);
int twice(int n);
int sum(int n);
