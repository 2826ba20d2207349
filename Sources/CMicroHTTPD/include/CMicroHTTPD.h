#pragma once
// Owner: Sources/Transport/Server. Inline shims for what is variadic or a macro.
#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>

/// Called with the request target as it arrived, before anything is decoded; returns the request's context.
typedef void *(*farm_mhd_target)(void *context, const char *target, struct MHD_Connection *connection);

struct farm_mhd_options {
  void *context;                // handed to every callback
  int listen_fd;                // bound and listening; the daemon closes it
  unsigned threads;             // each with its own epoll
  unsigned connections_max;     // over all threads
  unsigned idle_s;              // without a byte either way
  size_t connection_bytes;      // headers and buffers of a connection
  const char *certificate_pem;  // NULL: no TLS
  const char *key_pem;
  MHD_AcceptPolicyCallback accepts;  // asked with each new connection
  MHD_AccessHandlerCallback access;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  farm_mhd_target target;
};

// Leaves request targets as they arrived.
static inline size_t farm_mhd_keep(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  size_t count = 0;
  while (text[count] != 0) count++;
  return count;
}

static inline struct MHD_Daemon *farm_mhd_start(const struct farm_mhd_options *o) {
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)o->certificate_pem},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)o->key_pem},
      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
      {MHD_OPTION_END, 0, NULL},
  };
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  if (o->certificate_pem != NULL) flags |= MHD_USE_TLS;
  return MHD_start_daemon(
      flags, 0, o->accepts, o->context, o->access, o->context,
      MHD_OPTION_LISTEN_SOCKET, (MHD_socket)o->listen_fd,
      MHD_OPTION_THREAD_POOL_SIZE, o->threads,
      MHD_OPTION_CONNECTION_LIMIT, o->connections_max,
      MHD_OPTION_CONNECTION_TIMEOUT, o->idle_s,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->connection_bytes,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_NOTIFY_COMPLETED, o->completed, o->context,
      MHD_OPTION_NOTIFY_CONNECTION, o->connection, o->context,
      MHD_OPTION_URI_LOG_CALLBACK, o->target, o->context,
      MHD_OPTION_UNESCAPE_CALLBACK, &farm_mhd_keep, NULL,
      MHD_OPTION_ARRAY, o->certificate_pem != NULL ? tls : none,
      MHD_OPTION_END);
}

static inline int farm_mhd_fd(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info != NULL ? info->connect_fd : -1;
}

static inline const struct sockaddr *farm_mhd_address(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info != NULL ? info->client_addr : NULL;
}

static const uint64_t farm_mhd_size_unknown = MHD_SIZE_UNKNOWN;
static const ssize_t farm_mhd_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
