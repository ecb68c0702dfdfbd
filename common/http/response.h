#ifndef OMNINODE_COMMON_HTTP_RESPONSE_H_
#define OMNINODE_COMMON_HTTP_RESPONSE_H_

#include <string>

namespace omninode::http {

struct Response {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

}  // namespace omninode::http

#endif  // OMNINODE_COMMON_HTTP_RESPONSE_H_
