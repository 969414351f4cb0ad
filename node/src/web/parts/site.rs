//! Who runs this site: what the footer of a Chinese government site must say. Configured, never invented.

use serde::Deserialize;

/// The `[site]` section of the configuration. What is left out shows as 待填写.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// 主办单位.
    pub operator: Option<String>,
    /// 网站标识码.
    pub site_id: Option<String>,
    /// ICP备案号.
    pub icp: Option<String>,
    /// 公安备案号.
    pub police: Option<String>,
    /// 联系电话.
    pub contact: Option<String>,
    /// 乡镇纪委的电话: shown when something does not match.
    pub discipline_contact: Option<String>,
    /// 我为网站找错: where mistakes on the site are reported.
    pub report_error: Option<String>,
    /// How residents reach the site, for QR codes: `https://sanwu.example.gov.cn`. By default the address in the
    /// request.
    pub public_url: Option<String>,
}
