#pragma once
// Owner: Sources/Cryptography.
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/err.h>
