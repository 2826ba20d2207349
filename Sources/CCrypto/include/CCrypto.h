#pragma once
// Owner: Sources/Cryptography.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// EVP_EC_gen is a macro over a variadic function.
static inline EVP_PKEY *farm_new_p256_key(void) { return EVP_EC_gen("P-256"); }

// Adds an extension to a self-signed certificate; 1 when done. X509V3_set_ctx_nodb is a macro.
static inline int farm_x509_extend(X509 *certificate, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  if (extension == NULL) return 0;
  int done = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return done;
}

// BIO_get_mem_data is a macro.
static inline long farm_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }
