// This file is empty: its presence lets label.go declare functions without a body.
